import { errorCode } from "./frames.ts";

/** The peer broke a rule in a way that ends the connection (RFC 9113, section 5.4.1). */
export class ConnectionError extends Error {
  readonly code: number;

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export const protocolError = (message: string): ConnectionError =>
  new ConnectionError(errorCode.protocolError, message);

export const flowControlError = (message: string): ConnectionError =>
  new ConnectionError(errorCode.flowControlError, message);

export const frameSizeError = (message: string): ConnectionError =>
  new ConnectionError(errorCode.frameSizeError, message);
