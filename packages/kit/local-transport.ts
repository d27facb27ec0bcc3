import {
  create,
  type DescMessage,
  type DescMethod,
  type DescMethodStreaming,
  type DescMethodUnary,
  type DescService,
  isMessage,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ContextValues,
  createContextValues,
  type HandlerContext,
  type ServiceImpl,
  type StreamResponse,
  type Transport,
  type UnaryResponse,
} from "@connectrpc/connect";

/** One service as it is hosted in this process: its contract and what the chain made of its code. */
export type Hosted = {
  readonly contract: DescService;
  readonly implementation: ServiceImpl<DescService>;
};

/** Options of the local transport. */
export type LocalOptions = {
  /**
   * Sees every message that crosses the transport, in both directions. Tests freeze them here, because
   * a message that is passed by reference must not be written to by either side.
   */
  readonly inspect?: (message: object) => void;
};

type Handler = (request: unknown, context: HandlerContext) => unknown;

/**
 * A Connect `Transport` to services of this process: no socket, no encoding, messages passed by
 * reference. Deadlines, cancellation, headers and errors behave as over the network.
 */
export function createLocalTransport(
  hosted: readonly Hosted[],
  options: LocalOptions = {},
): Transport {
  const handlers = new Map<string, Handler>();
  for (const { contract, implementation } of hosted) {
    for (const method of contract.methods) {
      handlers.set(keyOf(method), implementation[method.localName] as unknown as Handler);
    }
  }
  const inspect = options.inspect ?? (() => undefined);

  return {
    async unary<I extends DescMessage, O extends DescMessage>(
      method: DescMethodUnary<I, O>,
      signal: AbortSignal | undefined,
      timeoutMs: number | undefined,
      header: HeadersInit | undefined,
      input: MessageInitShape<I>,
      _values?: ContextValues,
    ): Promise<UnaryResponse<I, O>> {
      const handler = handlers.get(keyOf(method)) ?? unimplemented(method);
      const request = toMessage(method.input, input);
      inspect(request);
      const call = new LocalCall(method, signal, timeoutMs, header);
      const answer = await call.race(handler(request, call));
      const message = toMessage(method.output, answer as MessageInitShape<O>);
      inspect(message);
      return {
        stream: false,
        service: method.parent,
        method,
        message,
        header: call.responseHeader,
        trailer: call.responseTrailer,
      };
    },

    async stream<I extends DescMessage, O extends DescMessage>(
      method: DescMethodStreaming<I, O>,
      signal: AbortSignal | undefined,
      timeoutMs: number | undefined,
      header: HeadersInit | undefined,
      input: AsyncIterable<MessageInitShape<I>>,
    ): Promise<StreamResponse<I, O>> {
      const handler = handlers.get(keyOf(method)) ?? unimplemented(method);
      const call = new LocalCall(method, signal, timeoutMs, header);
      const request = await single(method, input);
      inspect(request);
      const answers = handler(request, call) as AsyncIterable<MessageInitShape<O>>;
      return {
        stream: true,
        service: method.parent,
        method,
        message: call.each(answers, (answer) => {
          const message = toMessage(method.output, answer);
          inspect(message);
          return message;
        }),
        header: call.responseHeader,
        trailer: call.responseTrailer,
      };
    },
  };
}

function keyOf(method: DescMethod): string {
  return `${method.parent.typeName}/${method.name}`;
}

function unimplemented(method: DescMethod): never {
  throw new ConnectError(`${keyOf(method)} is not hosted here`, Code.Unimplemented);
}

function toMessage<T extends DescMessage>(schema: T, init: MessageInitShape<T>): MessageShape<T> {
  return isMessage(init, schema) ? (init as MessageShape<T>) : create(schema, init);
}

async function single<I extends DescMessage>(
  method: DescMethodStreaming<I>,
  input: AsyncIterable<MessageInitShape<I>>,
): Promise<MessageShape<I>> {
  for await (const message of input) return toMessage(method.input, message);
  throw new ConnectError("the request is missing", Code.InvalidArgument);
}

/**
 * The handler's context of one call, which is also what ends the call early. Headers and the abort
 * signal are made when first asked for: most calls need neither, and they cost more than the call.
 */
class LocalCall implements HandlerContext {
  readonly method: DescMethod;
  readonly requestMethod = "POST";
  readonly protocolName = "grpc";
  readonly values = createContextValues();
  readonly #deadline: number | undefined;
  readonly #outer: AbortSignal | undefined;
  readonly #header: HeadersInit | undefined;
  #controller: AbortController | undefined;
  #requestHeader: Headers | undefined;
  #responseHeader: Headers | undefined;
  #responseTrailer: Headers | undefined;
  #ended: ConnectError | undefined;

  constructor(
    method: DescMethod,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
  ) {
    this.method = method;
    this.#outer = signal;
    this.#header = header;
    this.#deadline = timeoutMs === undefined ? undefined : performance.now() + timeoutMs;
  }

  get service(): DescService {
    return this.method.parent;
  }

  get url(): string {
    return `local:///${keyOf(this.method)}`;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#ended) this.#controller.abort(this.#ended);
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
    this.#deadline === undefined ? undefined : this.#deadline - performance.now();

  /** The answer, or the rejection when the caller gives up or the deadline passes before it. */
  race<T>(answer: T | Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const stop = this.#watch(reject);
      Promise.resolve(answer).then(resolve, reject).finally(stop);
    });
  }

  /** The messages of a stream, each mapped, until it ends or is ended. */
  async *each<A, B>(answers: AsyncIterable<A>, map: (answer: A) => B): AsyncGenerator<B> {
    const iterator = answers[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await this.race(iterator.next());
        if (done) return;
        yield map(value);
      }
    } finally {
      this.#end(new ConnectError("the caller has gone", Code.Canceled));
      // Not awaited: a handler that hangs must not hold up the caller that gave up on it.
      iterator.return?.().catch(() => undefined);
    }
  }

  #watch(reject: (error: ConnectError) => void): () => void {
    const end = (error: ConnectError) => {
      this.#end(error);
      reject(error);
    };
    const onAbort = () => end(new ConnectError("the call was cancelled", Code.Canceled));
    if (this.#outer?.aborted) onAbort();
    this.#outer?.addEventListener("abort", onAbort);
    const left = this.timeoutMs();
    const timer =
      left === undefined
        ? undefined
        : setTimeout(
            () => end(new ConnectError("the deadline passed", Code.DeadlineExceeded)),
            left,
          );
    return () => {
      clearTimeout(timer);
      this.#outer?.removeEventListener("abort", onAbort);
    };
  }

  #end(error: ConnectError): void {
    this.#ended ??= error;
    this.#controller?.abort(this.#ended);
  }
}
