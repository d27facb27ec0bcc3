import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { CallContext, deadlineExceeded } from "@plaza/grpc/calls";
import { errorDomainOf, toConnectError } from "./error-mapping.ts";
import { methodName } from "./method-name.ts";

/**
 * A call over the local transport: the context of its handler, cancelled by the caller's signal or the
 * deadline. Holds a listener and a timer until `end`.
 */
export class LocalCall extends CallContext {
  readonly #header: HeadersInit | undefined;
  readonly #callerSignal: AbortSignal | undefined;
  #rejectRace: ((error: ConnectError) => void) | undefined;
  /** Called once when the call ends, to stop the stream of its handler. */
  onEnd: (() => void) | undefined;

  /** Without `timeoutMs`, or when it is zero or less, the call has no deadline, as in all Connect transports. */
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

  /** Throws when the caller has cancelled the call or its deadline has passed. */
  throwIfEnded(): void {
    if (this.endError) throw this.endError;
  }

  /** Settles like `answer`, or rejects as soon as the call is cancelled or its deadline passes. */
  race<T>(answer: T | PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#rejectRace = reject;
      if (this.endError) reject(this.endError);
      Promise.resolve(answer).then(resolve, reject);
    });
  }

  /** Ends the call: rejects the pending race and aborts the handler's signal. Later calls do nothing. */
  end(reason?: ConnectError): void {
    if (this.isOver) return;
    this.stopClock(reason);
    this.#callerSignal?.removeEventListener("abort", this.#onAbort);
    if (reason) this.#rejectRace?.(reason);
    this.abort();
    this.onEnd?.();
  }

  /** The error as the caller gets it; maps an error that was thrown outside the pipeline. */
  toCallerError(error: unknown): ConnectError {
    // A cancellation or passed deadline has no metadata of the response.
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
