import { ConnectError } from "@connectrpc/connect";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@plaza/contract/google/rpc/error_details";
import { CallError, type Refusal } from "./call-error.ts";
import { callErrorMessage } from "./call-error-messages.ts";

/** Decodes the details of an error that a transport has thrown. */
export function toCallError(error: unknown): CallError {
  if (error instanceof CallError) return error;
  const connectError = ConnectError.from(error);
  const { rawMessage, code, cause } = connectError;
  const refusal = refusalOf(connectError);
  return new CallError(rawMessage, code, { refusal, cause, explain: callErrorMessage });
}

function refusalOf(error: ConnectError): Refusal {
  const [info] = error.findDetails(ErrorInfoSchema);
  const delay = error.findDetails(RetryInfoSchema)[0]?.retryDelay;
  return {
    ...(info && { reason: info.reason, metadata: info.metadata }),
    ...(delay && { retryDelaySeconds: Number(delay.seconds) }),
    fieldViolations: error
      .findDetails(BadRequestSchema)
      .flatMap(({ fieldViolations }) => fieldViolations),
  };
}
