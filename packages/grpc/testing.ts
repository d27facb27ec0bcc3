// For tests and benchmarks of this repository; not published.
export {
  type SimpleRequest,
  SimpleRequestSchema,
  SimpleResponseSchema,
  type StreamingOutputCallRequest,
  StreamingOutputCallResponseSchema,
} from "./gen/grpc/testing/messages_pb.ts";
export { TestService } from "./gen/grpc/testing/test_pb.ts";
export { EchoService } from "./gen/plaza/interop/v1/echo_pb.ts";
export { retainedBytes } from "./testing/retained-memory.ts";
