import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.ts";

/**
 * Whether a method refused the etag of a request: with ABORTED (AIP-154), and an ErrorInfo whose metadata has the
 * current `etag`. To a request with If-Match that is 412 (RFC 9110, section 13.1.1), to any other one 409.
 */
export function isEtagMismatch(error: unknown): boolean {
  if (!(error instanceof ConnectError) || error.code !== Code.Aborted) return false;
  return error.findDetails(ErrorInfoSchema).some(({ metadata }) => "etag" in metadata);
}
