export { CallContext } from "./calls/call-context.ts";
export { deadlineExceeded } from "./calls/deadline.ts";
export { broadcastMessage } from "./calls/encode-once.ts";
export {
  collectRoutes,
  type Handler,
  methodPath,
  type Route,
  type Router,
  type Routes,
} from "./calls/routes.ts";
