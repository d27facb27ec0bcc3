import { Code, ConnectError } from "@connectrpc/connect";
import { Fault } from "@plaza/kit/errors/fault";
import { toConnectError } from "@plaza/kit/rpc/error-mapping";
import type { Logger } from "@plaza/kit/telemetry/log";

/** The domain of the edge's own reasons. */
export const gatewayErrorDomain = "gateway.plaza";

const internalCodes = new Set([Code.Internal, Code.Unknown, Code.DataLoss]);

// What a transport says, without details, of a service that it cannot reach or that is cut off mid-call.
const outageCodes = new Set([Code.Unavailable, Code.Aborted]);

/**
 * What the outside sees of an error on the way to a service and back: refusals whole, outages without
 * the addresses that a transport's own errors name, bugs without a word of their text.
 */
export function toPublicError(error: unknown, log: Logger): ConnectError {
  if (!(error instanceof ConnectError)) {
    if (!(error instanceof Fault)) log.error({ err: error }, "edge");
    return toConnectError(error, gatewayErrorDomain);
  }
  if (internalCodes.has(error.code)) return new ConnectError("internal error", Code.Internal);
  if (outageCodes.has(error.code) && error.details.length === 0) {
    log.warn({ err: error }, "edge");
    const message = "a part of Plaza cannot be reached right now";
    return toConnectError(
      new Fault("unavailable", "SERVICE_UNAVAILABLE", message, { retryAfterMs: 1_000 }),
      gatewayErrorDomain,
    );
  }
  const refusal = new ConnectError(error.rawMessage, error.code);
  refusal.details = error.details;
  return refusal;
}
