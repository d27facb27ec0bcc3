import { type ContextValues, createContextKey } from "@connectrpc/connect";
import {
  createAsyncIterable,
  type UniversalHandler,
  type UniversalServerRequest,
  type UniversalServerResponse,
} from "@connectrpc/connect/protocol";
import { Fault } from "@plaza/kit/errors/fault";

/** How far a call has come on its way to its implementation. */
export const callStageKey = createContextKey<"arrived" | "admitted" | "read" | "unreadable">(
  "arrived",
);

/**
 * Runs a Connect handler. To a message that it cannot decode Connect answers INTERNAL, as other gRPC
 * servers do, but the mistake is the caller's: the handler is then run again, and the gate, which calls
 * `requireReadable`, refuses in whatever protocol the call came.
 */
export async function handleWithDecodeErrors(
  handler: UniversalHandler,
  request: UniversalServerRequest,
  values: ContextValues,
): Promise<UniversalServerResponse> {
  const answer = await handler(request);
  if (values.get(callStageKey) !== "admitted") return answer;
  const body = await readResponseBody(answer);
  if (!isInternalError(body)) return { ...answer, body: createAsyncIterable([body]) };
  values.set(callStageKey, "unreadable");
  return handler({ ...request, body: createAsyncIterable<Uint8Array>([]) });
}

/** Throws UNREADABLE_MESSAGE when the message of this call could not be decoded. */
export function throwIfUndecodable(values: ContextValues): void {
  if (values.get(callStageKey) !== "unreadable") return;
  throw undecodableMessage();
}

/** The refusal of a message that cannot be decoded. */
export function undecodableMessage(): Fault {
  return new Fault("invalid", "UNREADABLE_MESSAGE", "the message cannot be decoded");
}

/** An answer that no implementation has had a part in is short: a refusal. */
async function readResponseBody({ body }: UniversalServerResponse): Promise<Buffer> {
  return Buffer.concat(body ? await Array.fromAsync(body) : []);
}

/** gRPC-Web says so in a frame of trailers, Connect in JSON, which a stream has in its last frame. */
function isInternalError(body: Buffer): boolean {
  return /^(.{5}\{"error":)?\{"code":"internal"|grpc-status: *13\b/s.test(body.toString("latin1"));
}
