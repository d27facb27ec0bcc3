import { Code, ConnectError } from "@connectrpc/connect";
import { Fault } from "@plaza/kit/errors/fault";
import { toConnectError } from "@plaza/kit/rpc/error-mapping";
import type { Logger } from "@plaza/kit/telemetry/log";

/** The domain of the edge's own reasons. */
export const gatewayDomain = "gateway.plaza";

const ours = new Set([Code.Internal, Code.Unknown, Code.DataLoss]);

// What a transport says, without details, of a service that it cannot reach or that is cut off mid-call.
const outages = new Set([Code.Unavailable, Code.Aborted]);

/**
 * What the outside sees of an error on the way to a service and back: refusals whole, outages without
 * the addresses that a transport's own errors name, bugs without a word of their text.
 */
export function refusalFor(error: unknown, log: Logger): ConnectError {
  if (!(error instanceof ConnectError)) {
    if (!(error instanceof Fault)) log.error({ err: error }, "edge");
    return toConnectError(error, gatewayDomain);
  }
  if (ours.has(error.code)) return new ConnectError("internal error", Code.Internal);
  if (outages.has(error.code) && error.details.length === 0) {
    log.warn({ err: error }, "edge");
    const message = "a part of Plaza cannot be reached right now";
    return toConnectError(
      new Fault("unavailable", "SERVICE_UNAVAILABLE", message, { retryAfterMs: 1_000 }),
      gatewayDomain,
    );
  }
  const refusal = new ConnectError(error.rawMessage, error.code);
  refusal.details = error.details;
  return refusal;
}
