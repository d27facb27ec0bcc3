import { Code, ConnectError } from "@connectrpc/connect";
import { Fault } from "@plaza/kit/errors/fault";
import { toConnectError } from "@plaza/kit/rpc/error-mapping";
import type { Logger } from "@plaza/kit/telemetry/log";
import { applicationHeaders } from "./application-headers.ts";

/** The error domain of reasons that the gateway itself gives. */
export const gatewayErrorDomain = "gateway.plaza";

const internalCodes = new Set([Code.Internal, Code.Unknown, Code.DataLoss]);

// What a transport throws, without details, when it cannot reach a service or loses it during a call.
const outageCodes = new Set([Code.Unavailable, Code.Aborted]);

/**
 * Converts any error to one that is safe for clients: Faults and errors of services keep their details and metadata,
 * outages lose the internal addresses that transports put into their messages, and bugs become "internal
 * error". Converting twice changes nothing. With `masksTexts: false` errors of services keep code and text, whatever
 * they say: only for tests of the protocols.
 */
export function toPublicError(
  error: unknown,
  log: Logger,
  { masksTexts = true } = {},
): ConnectError {
  if (!(error instanceof ConnectError)) {
    if (!(error instanceof Fault)) {
      log.error({ err: error }, "request failed with an unexpected error");
    }
    return toConnectError(error, gatewayErrorDomain);
  }
  if (masksTexts && internalCodes.has(error.code))
    return new ConnectError("internal error", Code.Internal);
  if (masksTexts && outageCodes.has(error.code) && error.details.length === 0) {
    log.warn({ err: error }, "service unavailable");
    const message = "a required service is unavailable; try again shortly";
    return toConnectError(
      new Fault("unavailable", "SERVICE_UNAVAILABLE", message, { retryAfterMs: 1_000 }),
      gatewayErrorDomain,
    );
  }
  const metadata = applicationHeaders(error.metadata);
  // A text cut within a character could not be encoded.
  const publicError = new ConnectError(error.rawMessage.toWellFormed(), error.code, metadata);
  publicError.details = error.details;
  return publicError;
}
