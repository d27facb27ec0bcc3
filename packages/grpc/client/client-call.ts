import { type DescMethod, fromBinary, type Message } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { codeFromHttpStatus } from "@connectrpc/connect/protocol-grpc";
import { isEncoding } from "../calls/compression.ts";
import { deadlineTimer, late } from "../calls/deadline.ts";
import { MessageReader } from "../calls/message-reader.ts";
import { fieldOf } from "../calls/metadata.ts";
import { errorIn, errorOfReset } from "../calls/trailers.ts";
import type { Fields } from "../hpack/decoder.ts";
import { problemIn } from "../http2/field-validation.ts";
import { errorCode } from "../http2/frames.ts";
import type { Stream, StreamListener } from "../http2/stream.ts";

/** What a call hears of its answer. */
export type AnswerListener = {
  onHeaders(fields: Fields): void;
  /** More bytes have come, which the call's reader has. Throws a ConnectError when they are broken. */
  onBytes(): void;
  /** The call is over; nothing follows. `trailers` are there unless the stream was cut off. */
  onEnd(error: ConnectError | undefined, trailers: Fields | undefined, wasRefused: boolean): void;
  onDrain(): void;
};

const pseudo = [":status"];
// No gRPC server sends any; without an end they would keep a call without a deadline for ever.
const mostInterims = 10;

/**
 * One attempt at a call: reads the answer off a stream, and ends the stream when the caller or the
 * deadline ends the call.
 */
export class ClientCall implements StreamListener {
  readonly #listener: AnswerListener;
  readonly #signal: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly stream: Stream;
  readonly reader: MessageReader;
  #header: Fields | undefined;
  #interims = 0;
  #isOver = false;

  constructor(
    stream: Stream,
    listener: AnswerListener,
    maxMessageBytes: number,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
  ) {
    this.stream = stream;
    this.#listener = listener;
    this.reader = new MessageReader(stream, maxMessageBytes);
    this.#signal = signal;
    stream.listener = this;
    signal?.addEventListener("abort", this.#onAbortSignal);
    this.#timer = deadlineTimer(timeoutMs, this.#onDeadline);
  }

  onHeaders(fields: Fields, isEnd: boolean): void {
    const isTrailers = this.#header !== undefined;
    const problem = problemIn(fields, isTrailers ? [] : pseudo);
    if (problem) this.#break(problem);
    else if (isTrailers) {
      if (isEnd) this.#onTrailers(fields);
      else this.#break("trailers that do not end the stream");
    } else this.#onFirst(fields, isEnd);
  }

  onData(bytes: Buffer, isEnd: boolean): void {
    if (!this.#header) {
      this.#break("DATA before the headers");
      return;
    }
    try {
      this.reader.push(bytes);
      this.#listener.onBytes();
    } catch (error) {
      this.cancel(ConnectError.from(error, Code.Internal));
      return;
    }
    if (isEnd) this.#end(new ConnectError("the answer ended without a status", Code.Internal));
  }

  onAbort(code: number, message: string): void {
    // What has been answered has been processed, whatever the server says.
    const wasRefused = code === errorCode.refusedStream && !this.#header;
    this.#end(errorOfReset(code, message), undefined, wasRefused);
  }

  onDrain(): void {
    this.#listener.onDrain();
  }

  /** Ends the call with an error, and tells the server to stop. */
  cancel(error: ConnectError): void {
    if (this.#isOver) return;
    this.stream.reset(errorCode.cancel);
    this.#end(error);
  }

  /** Ends a call whose caller or deadline, so many milliseconds from now, has ended it before it began. */
  isEndedBefore(timeoutMs: number | undefined): boolean {
    if (this.#signal?.aborted) this.#onAbortSignal();
    else if (timeoutMs !== undefined && timeoutMs <= 0) this.#onDeadline();
    return this.#isOver;
  }

  #onFirst(fields: Fields, isEnd: boolean): void {
    const status = Number(fieldOf(fields, ":status"));
    if (status >= 100 && status < 200 && !isEnd) {
      this.#interims += 1;
      if (this.#interims <= mostInterims) return;
      this.#refuse(errorCode.enhanceYourCalm, "too many interim answers");
      return;
    }
    if (!(status >= 200 && status < 600)) {
      this.#break("an answer without a status");
      return;
    }
    const refusal = notGrpc(status, fields);
    if (refusal) this.cancel(refusal);
    else if (isEnd) this.#onTrailers(fields);
    else {
      this.#header = fields;
      this.#begin(fields);
    }
  }

  #begin(fields: Fields): void {
    const length = fieldOf(fields, "content-length");
    if (length !== undefined) this.stream.promisedBytes = Number(length);
    const encoding = fieldOf(fields, "grpc-encoding") ?? "identity";
    if (isEncoding(encoding)) {
      this.reader.encoding = encoding;
      this.#listener.onHeaders(fields);
    } else {
      this.cancel(new ConnectError(`the compression "${encoding}" is not known`, Code.Internal));
    }
  }

  #onTrailers(fields: Fields): void {
    this.#end(errorIn(this.#header, fields), fields);
  }

  readonly #onAbortSignal = (): void => {
    this.cancel(ConnectError.from(this.#signal?.reason, Code.Canceled));
  };

  readonly #onDeadline = (): void => this.cancel(late());

  /** The server broke the protocol. */
  #break(problem: string): void {
    this.#refuse(errorCode.protocolError, `the answer breaks the protocol: ${problem}`);
  }

  #refuse(code: number, message: string): void {
    this.stream.reset(code);
    this.#end(errorOfReset(code, message));
  }

  #end(error: ConnectError | undefined, trailers?: Fields, wasRefused = false): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#onAbortSignal);
    this.#listener.onEnd(error, trailers, wasRefused);
  }
}

function notGrpc(status: number, fields: Fields): ConnectError | undefined {
  if (status !== 200) return new ConnectError(`HTTP ${status}`, codeFromHttpStatus(status));
  const type = fieldOf(fields, "content-type") ?? "";
  if (/^application\/grpc(\+proto)?(;|$)/.test(type)) return undefined;
  return new ConnectError(`the answer is of type "${type}"`, Code.Unknown);
}

/** Reads a message of an answer. Throws INTERNAL when it cannot be decoded. */
export function parseAnswer({ output }: DescMethod, bytes: Uint8Array): Message {
  try {
    return fromBinary(output, bytes);
  } catch {
    throw new ConnectError("the answer cannot be decoded", Code.Internal);
  }
}

/** The error of an answer that goes on behind the only message it may have. */
export const moreThanOne = (): ConnectError =>
  new ConnectError("the answer has more than one message", Code.Unimplemented);
