import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, createContextValues, type HandlerContext } from "@connectrpc/connect";
import { domainOf, translate } from "./translate.ts";

// setTimeout takes no longer one, and would fire at once.
const longestTimerMs = 2 ** 31 - 1;

/**
 * One call over the local transport: the handler's context, and what ends the call early, which is the
 * caller's signal or the deadline. Until `end` it holds a listener or a timer for those. Headers and
 * the handler's signal are made when first asked for: most calls need neither, and they cost more
 * than the call.
 */
export class LocalCall implements HandlerContext {
  readonly method: DescMethod;
  readonly requestMethod = "POST";
  readonly protocolName = "grpc";
  readonly values = createContextValues();
  readonly #header: HeadersInit | undefined;
  readonly #outer: AbortSignal | undefined;
  readonly #deadline: number | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #controller: AbortController | undefined;
  #requestHeader: Headers | undefined;
  #responseHeader: Headers | undefined;
  #responseTrailer: Headers | undefined;
  #isOver = false;
  #endedBy: ConnectError | undefined;
  #giveUp: ((error: ConnectError) => void) | undefined;
  /** Lets go of what the call holds beside itself; called once, when it ends. */
  release: (() => void) | undefined;

  /** `timeoutMs` is as for every Connect transport: absent, zero and less mean no deadline. */
  constructor(
    method: DescMethod,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
  ) {
    this.method = method;
    this.#header = header;
    this.#outer = signal;
    if (timeoutMs !== undefined && timeoutMs > 0) {
      this.#deadline = performance.now() + timeoutMs;
      this.#timer = setTimeout(() => this.end(late()), Math.min(timeoutMs, longestTimerMs));
    }
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort);
  }

  get service(): DescService {
    return this.method.parent;
  }

  get url(): string {
    return `local:///${this.service.typeName}/${this.method.name}`;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#isOver) this.#abort();
    }
    return this.#controller.signal;
  }

  get requestHeader(): Headers {
    this.#requestHeader ??= new Headers(this.#header);
    return this.#requestHeader;
  }

  get responseHeader(): Headers {
    this.#responseHeader ??= new Headers();
    return this.#responseHeader;
  }

  get responseTrailer(): Headers {
    this.#responseTrailer ??= new Headers();
    return this.#responseTrailer;
  }

  timeoutMs = (): number | undefined =>
    this.#deadline === undefined ? undefined : Math.ceil(this.#deadline - performance.now());

  /** Throws when the caller or the deadline has ended the call. */
  throwIfEnded(): void {
    if (this.#endedBy) throw this.#endedBy;
  }

  /** Settles as the answer does, unless the caller or the deadline ends the call before. */
  race<T>(answer: T | PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject;
      if (this.#endedBy) reject(this.#endedBy);
      Promise.resolve(answer).then(resolve, reject);
    });
  }

  /** Ends the call, the first time: nobody waits any more, and the handler's signal aborts. */
  end(by?: ConnectError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#endedBy = by;
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#onAbort);
    if (by) this.#giveUp?.(by);
    this.#abort();
    this.release?.();
  }

  /** The error as its caller gets it: what a handler threw without the chain is translated here. */
  failure(error: unknown): ConnectError {
    // The caller's own error, or the deadline's: nothing of the response is part of it.
    if (error instanceof ConnectError && error === this.#endedBy) return error;
    const failure =
      error instanceof ConnectError ? error : translate(error, domainOf(this.service));
    for (const headers of [this.#responseHeader, this.#responseTrailer]) {
      headers?.forEach((value, name) => {
        failure.metadata.set(name, value);
      });
    }
    return failure;
  }

  #abort(): void {
    this.#controller?.abort(this.#endedBy ?? new ConnectError("the call is over", Code.Canceled));
  }

  readonly #onAbort = () => this.end(ConnectError.from(this.#outer?.reason, Code.Canceled));
}

function late(): ConnectError {
  return new ConnectError("the operation timed out", Code.DeadlineExceeded);
}
