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

/** A failed call: a ConnectError whose details are decoded, so that reading them needs no contract. */
export class CallError extends Error {
  readonly code: Code;
  readonly refusal: Refusal;

  constructor(message: string, code: Code, refusal: Refusal = {}, cause?: unknown) {
    super(message, { cause });
    this.name = "CallError";
    this.code = code;
    this.refusal = refusal;
  }
}
