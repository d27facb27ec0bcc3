import { Code, ConnectError } from "@connectrpc/connect";

/** The error of a message that is larger than its sender or receiver permits. */
export const messageTooLarge = (maxBytes: number): ConnectError =>
  new ConnectError(`a message is larger than ${maxBytes} bytes`, Code.ResourceExhausted);

/** The error of a stream that ends within a message. */
export const messageTruncated = (): ConnectError =>
  new ConnectError("a message is truncated", Code.Internal);

/** The error of a request that cannot be decoded. */
export const requestUndecodable = (): ConnectError =>
  new ConnectError("the request cannot be decoded", Code.InvalidArgument);

/** The error of a method that takes one request and gets another number of them. */
export const wrongRequestCount = (problem: string): ConnectError =>
  new ConnectError(problem, Code.Unimplemented);

/** The error of a response that cannot be decoded. */
export const responseUndecodable = (): ConnectError =>
  new ConnectError("the response cannot be decoded", Code.Internal);

/** The error of a method that has one response and gets none. */
export const responseMissing = (): ConnectError =>
  new ConnectError("the response has no message", Code.Unimplemented);

/** The error of a method that has one response and gets another. */
export const tooManyResponses = (): ConnectError =>
  new ConnectError("the response has more than one message", Code.Unimplemented);
