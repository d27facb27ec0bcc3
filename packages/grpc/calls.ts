export { CallContext } from "./calls/call-context.ts";
export { deadlineExceeded } from "./calls/deadline.ts";
export { broadcastMessage } from "./calls/encode-once.ts";
export { methodPath } from "./calls/method-path.ts";
export {
  collectRoutes,
  type Handler,
  type Route,
  type Router,
  type Routes,
} from "./calls/routes.ts";
export { parseTimeout } from "./calls/timeout.ts";
