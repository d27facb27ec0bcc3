import { type ContextValues, createContextKey } from "@connectrpc/connect";
import {
  createAsyncIterable,
  type UniversalHandler,
  type UniversalServerRequest,
  type UniversalServerResponse,
} from "@connectrpc/connect/protocol";
import { Fault } from "@plaza/kit/errors/fault";

/** How far a call has got on its way to its implementation. */
export const callStageKey = createContextKey<"received" | "admitted" | "decoded" | "undecodable">(
  "received",
);

/**
 * Runs a Connect handler. Connect answers INTERNAL to an undecodable message, as other gRPC servers do, though
 * the mistake is the client's. When the call was admitted and its message never decoded, the handler is run
 * again, so that the gate, which calls `throwIfUndecodable`, answers INVALID_ARGUMENT in the client's protocol.
 */
export async function handleWithDecodeErrors(
  handler: UniversalHandler,
  request: UniversalServerRequest,
  values: ContextValues,
): Promise<UniversalServerResponse> {
  const response = await handler(request);
  if (values.get(callStageKey) !== "admitted") return response;
  const body = await readResponseBody(response);
  if (!isDecodeError(body)) return { ...response, body: createAsyncIterable([body]) };
  values.set(callStageKey, "undecodable");
  return handler({ ...request, body: createAsyncIterable<Uint8Array>([]) });
}

/** Throws UNREADABLE_MESSAGE when the message of this call could not be decoded. */
export function throwIfUndecodable(values: ContextValues): void {
  if (values.get(callStageKey) !== "undecodable") return;
  throw undecodableMessage();
}

/** The error of a call whose message cannot be decoded. */
export function undecodableMessage(): Fault {
  return new Fault("invalid", "UNREADABLE_MESSAGE", "the request message cannot be decoded");
}

/** Reads a response that no implementation took part in: it is a short error. */
async function readResponseBody({ body }: UniversalServerResponse): Promise<Buffer> {
  return Buffer.concat(body ? await Array.fromAsync(body) : []);
}

/**
 * Looks for the error of Connect's decoder of messages in the trailers frame of gRPC-Web, or in the JSON of Connect, in
 * streams an envelope. Its other errors, such as those of an envelope, keep their code.
 */
function isDecodeError(body: Buffer): boolean {
  return /^(.{5}\{"error":)?\{"code":"internal","message":"parse binary:|grpc-message: *parse%20binary%3A/s.test(
    body.toString("latin1"),
  );
}
