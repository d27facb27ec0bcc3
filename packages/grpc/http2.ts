import type { Http2Stream as Stream } from "./http2/stream.ts";

export type { HeaderFields } from "./hpack/header-fields.ts";
export { findFieldProblem } from "./http2/field-validation.ts";
export { errorCode } from "./http2/frames.ts";
export type { Http2StreamListener } from "./http2/stream.ts";

/** A stream whose request is not gRPC, as `ServerOptions.fallback` receives it. */
export type Http2Stream = Pick<
  Stream,
  "listener" | "remoteAddress" | "sendHeaders" | "sendData" | "end" | "reset" | "consume"
>;
