import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { Code, ConnectError, createContextValues, type HandlerContext } from "@connectrpc/connect";
import { hasPassed, startDeadlineTimer } from "./deadline.ts";

/**
 * The context of a handler, with its deadline. Headers and signal are created on first access: most handlers
 * need neither, and they cost more than the call.
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
  /** The metadata that the handler has accessed, to set it. */
  protected existingResponseHeader: Headers | undefined;
  protected existingResponseTrailer: Headers | undefined;

  constructor(method: DescMethod, timeoutMs: number | undefined) {
    this.method = method;
    if (timeoutMs === undefined) return;
    this.#deadline = performance.now() + timeoutMs;
    this.#timer = startDeadlineTimer(timeoutMs, () => this.onDeadline());
  }

  abstract readonly url: string;

  /** Reads the metadata of the request; called at most once. */
  protected abstract readRequestHeader(): Headers;

  /** The deadline has passed. */
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

  protected get hasDeadlinePassed(): boolean {
    return hasPassed(this.#deadline);
  }

  protected get isOver(): boolean {
    return this.#isOver;
  }

  /** The error that ended the call early. */
  protected get endError(): ConnectError | undefined {
    return this.#endedBy;
  }

  /** The call is over: stops the deadline timer. `abort` notifies the handler. */
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
    return this.#endedBy ?? new ConnectError("the call has ended", Code.Canceled);
  }
}
