import { Code, ConnectError } from "@connectrpc/connect";
import { codeToHttpStatus, errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import { RestError } from "@plaza/rest/errors";
import type { RestResponse } from "@plaza/rest/transcoder";
import type { HttpRequest } from "../http/http-message.ts";
import { mediaTypeOf } from "../http/media-type.ts";

/**
 * The error of a request that reaches no method, in the protocol of its caller; undefined when that is not Connect or
 * gRPC-Web. A path without a method is UNIMPLEMENTED there.
 */
export function rpcErrorResponse(
  { headers }: HttpRequest,
  error: RestError | ConnectError,
): RestResponse | undefined {
  const type = mediaTypeOf(headers["content-type"]);
  const rpcError = error instanceof RestError ? toRpcError(error) : error;
  if (type.startsWith("application/grpc-web")) {
    const fields = setTrailerStatus(new Headers({ "content-type": type }), rpcError);
    return { status: 200, headers: [...fields], body: "" };
  }
  const isConnect =
    /^application\/(proto$|connect\+)/.test(type) || "connect-protocol-version" in headers;
  if (!isConnect) return undefined;
  const isOfRest = error instanceof RestError;
  return {
    status: isOfRest ? error.status : codeToHttpStatus(rpcError.code),
    headers: [...(isOfRest ? error.headers : []), ["content-type", "application/json"]],
    body: Buffer.from(errorToJsonBytes(rpcError, undefined)).toString(),
  };
}

function toRpcError({ reason, message, code }: RestError): ConnectError {
  return new ConnectError(message, reason === "NO_SUCH_ROUTE" ? Code.Unimplemented : code);
}
