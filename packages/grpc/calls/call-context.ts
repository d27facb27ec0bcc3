import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, createContextValues, type HandlerContext } from "@connectrpc/connect";
import { startDeadlineTimer } from "./deadline.ts";

/**
 * What a handler sees of its call, and how long it may take. Headers and the signal are made when first
 * asked for: most handlers need neither, and they cost more than the call.
 */
export abstract class CallContext implements HandlerContext {
  readonly requestMethod = "POST";
  readonly protocolName = "grpc";
  readonly values = createContextValues();
  readonly method: DescMethod;
  readonly #deadline: number | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #controller: AbortController | undefined;
  #requestHeader: Headers | undefined;
  #isOver = false;
  #endedBy: ConnectError | undefined;
  /** What the handler has said beside its answer, if anything. */
  protected existingResponseHeader: Headers | undefined;
  protected existingResponseTrailer: Headers | undefined;

  constructor(method: DescMethod, timeoutMs: number | undefined) {
    this.method = method;
    if (timeoutMs === undefined) return;
    this.#deadline = performance.now() + timeoutMs;
    this.#timer = startDeadlineTimer(timeoutMs, () => this.onDeadline());
  }

  abstract readonly url: string;

  /** The metadata of the request; called once at most. */
  protected abstract readRequestHeader(): Headers;

  /** The time is up. */
  protected abstract onDeadline(): void;

  get service(): DescService {
    return this.method.parent;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#isOver) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  get requestHeader(): Headers {
    this.#requestHeader ??= this.readRequestHeader();
    return this.#requestHeader;
  }

  get responseHeader(): Headers {
    this.existingResponseHeader ??= new Headers();
    return this.existingResponseHeader;
  }

  get responseTrailer(): Headers {
    this.existingResponseTrailer ??= new Headers();
    return this.existingResponseTrailer;
  }

  timeoutMs = (): number | undefined =>
    this.#deadline === undefined ? undefined : Math.ceil(this.#deadline - performance.now());

  protected get isOver(): boolean {
    return this.#isOver;
  }

  /** What ended the call early, if anything. */
  protected get endError(): ConnectError | undefined {
    return this.#endedBy;
  }

  /** Nobody waits for the call any more: stops the clock. The handler hears of it by `abort`. */
  protected stopClock(by: ConnectError | undefined): void {
    this.#isOver = true;
    this.#endedBy = by;
    clearTimeout(this.#timer);
  }

  /** Aborts the handler's signal. */
  protected abort(): void {
    this.#controller?.abort(this.#reason);
  }

  get #reason(): ConnectError {
    return this.#endedBy ?? new ConnectError("the call is over", Code.Canceled);
  }
}
