import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { CallContext, deadlineExceeded } from "@plaza/grpc/calls";
import { errorDomainOf, toConnectError } from "./error-mapping.ts";
import { methodName } from "./method-name.ts";

/**
 * One call over the local transport: the handler's context, and what ends the call early, which is the
 * caller's signal or the deadline. Until `end` it holds a listener or a timer for those.
 */
export class LocalCall extends CallContext {
  readonly #header: HeadersInit | undefined;
  readonly #callerSignal: AbortSignal | undefined;
  #rejectRace: ((error: ConnectError) => void) | undefined;
  /** Lets go of what the call holds beside itself; called once, when it ends. */
  onEnd: (() => void) | undefined;

  /** `timeoutMs` is as for every Connect transport: absent, zero and less mean no deadline. */
  constructor(
    method: DescMethod,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
  ) {
    super(method, timeoutMs !== undefined && timeoutMs > 0 ? timeoutMs : undefined);
    this.#header = header;
    this.#callerSignal = signal;
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort);
  }

  override get url(): string {
    return `local:///${methodName(this.method)}`;
  }

  /** Throws when the caller or the deadline has ended the call. */
  throwIfEnded(): void {
    if (this.endError) throw this.endError;
  }

  /** Settles as the answer does, unless the caller or the deadline ends the call before. */
  race<T>(answer: T | PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#rejectRace = reject;
      if (this.endError) reject(this.endError);
      Promise.resolve(answer).then(resolve, reject);
    });
  }

  /** Ends the call, the first time: nobody waits any more, and the handler's signal aborts. */
  end(by?: ConnectError): void {
    if (this.isOver) return;
    this.stopClock(by);
    this.#callerSignal?.removeEventListener("abort", this.#onAbort);
    if (by) this.#rejectRace?.(by);
    this.abort();
    this.onEnd?.();
  }

  /** The error as its caller gets it: what a handler threw without the chain is translated here. */
  toCallerError(error: unknown): ConnectError {
    // The caller's own error, or the deadline's: nothing of the response is part of it.
    if (error instanceof ConnectError && error === this.endError) return error;
    const failure =
      error instanceof ConnectError ? error : toConnectError(error, errorDomainOf(this.service));
    for (const headers of [this.existingResponseHeader, this.existingResponseTrailer]) {
      headers?.forEach((value, name) => {
        failure.metadata.set(name, value);
      });
    }
    return failure;
  }

  protected override readRequestHeader(): Headers {
    return new Headers(this.#header);
  }

  protected override onDeadline(): void {
    this.end(deadlineExceeded());
  }

  readonly #onAbort = () => this.end(ConnectError.from(this.#callerSignal?.reason, Code.Canceled));
}
