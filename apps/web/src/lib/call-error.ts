import type { Code } from "@connectrpc/connect";

/** What the server says of a call that it refused; nothing of one that failed on the way. */
export type Refusal = {
  /** The stable reason, such as EMAIL_TAKEN. */
  readonly reason?: string;
  /** Facts that belong to the reason, such as a limit. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly fieldViolations?: readonly FieldViolation[];
  /** After how many seconds the call may be made again. */
  readonly retryDelaySeconds?: number;
};

/** A violated rule of the contract. */
export type FieldViolation = {
  /** The path of the field in the request, such as `user.picture_urls[1]`. */
  readonly field: string;
  readonly description: string;
  readonly reason: string;
};

type CallErrorOptions = {
  refusal?: Refusal;
  cause?: unknown;
  explain?: (error: CallError) => string;
};

/** A failed call: a ConnectError whose details are decoded, so that reading them needs no contract. */
export class CallError extends Error {
  readonly code: Code;
  readonly refusal: Refusal;
  /** Gives a message for people. It comes with the error, since its texts are loaded with the code of calls. */
  readonly explain: ((error: CallError) => string) | undefined;

  constructor(message: string, code: Code, options: CallErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = "CallError";
    this.code = code;
    this.refusal = options.refusal ?? {};
    this.explain = options.explain;
  }
}
