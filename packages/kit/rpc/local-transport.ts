import {
  create,
  type DescMessage,
  type DescMethod,
  type DescService,
  isMessage,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type HandlerContext,
  type ServiceImpl,
  type Transport,
} from "@connectrpc/connect";
import { LocalCall } from "./local-call.ts";
import { methodName } from "./method-name.ts";

/** A hosted service: its contract and its implementation, wrapped in the pipeline. */
export type HostedService = {
  readonly contract: DescService;
  readonly implementation: ServiceImpl<DescService>;
};

/** Options of the local transport. */
export type LocalTransportOptions = {
  /**
   * Called with each message, in both directions. Tests freeze it there: messages are passed by reference, so
   * neither side may change them.
   */
  readonly inspect?: (message: object) => void;
};

type Handler = (request: Message, context: HandlerContext) => unknown;

/**
 * Creates a Connect `Transport` to services in this process, without socket and encoding: messages are passed
 * by reference. Deadlines, cancellation, headers and errors behave as over the network. Supports unary methods
 * and server streams.
 */
export function createLocalTransport(
  hosted: readonly HostedService[],
  { inspect = () => undefined }: LocalTransportOptions = {},
): Transport {
  const handlers = handlersByMethod(hosted);

  function pass<T extends DescMessage>(schema: T, init: MessageInitShape<T>): MessageShape<T> {
    const message = isMessage(init, schema) ? (init as MessageShape<T>) : create(schema, init);
    inspect(message);
    return message;
  }

  function callHandler<I extends DescMessage>(
    method: DescMethod & { readonly input: I },
    call: LocalCall,
    input: MessageInitShape<I>,
  ): unknown {
    const handler = handlers.get(methodName(method)) ?? throwUnimplemented;
    return handler(pass(method.input, input), call);
  }

  return {
    async unary(method, signal, timeoutMs, header, input) {
      const call = new LocalCall(method, signal, timeoutMs, header);
      try {
        call.throwIfEnded();
        const response = await call.race(callHandler(method, call, input));
        const message = pass(method.output, response as MessageInitShape<typeof method.output>);
        return {
          stream: false,
          service: method.parent,
          method,
          message,
          get header() {
            return call.responseHeader;
          },
          get trailer() {
            return call.responseTrailer;
          },
        };
      } catch (error) {
        throw call.toCallerError(error);
      } finally {
        call.end();
      }
    },

    async stream(method, signal, timeoutMs, headers, input) {
      const call = new LocalCall(method, signal, timeoutMs, headers);
      try {
        call.throwIfEnded();
        const responses = callHandler(method, call, await call.race(singleMessage(input)));
        const iterator = iteratorOf(
          responses as AsyncIterable<MessageInitShape<typeof method.output>>,
        );
        call.onEnd = () => iterator.return?.().catch(() => undefined);
        const first = call.race(iterator.next());
        // As over HTTP/2, the response starts with its first message, or with its error.
        await first.catch(() => call.throwIfEnded());
        const message = responseMessages(call, first, iterator, (response) =>
          pass(method.output, response),
        );
        const { responseHeader: header, responseTrailer: trailer } = call;
        return { stream: true, service: method.parent, method, message, header, trailer };
      } catch (error) {
        call.end();
        throw call.toCallerError(error);
      }
    },
  };
}

async function* responseMessages<A, B>(
  call: LocalCall,
  first: Promise<IteratorResult<A>>,
  responses: AsyncIterator<A>,
  pass: (response: A) => B,
): AsyncGenerator<B> {
  try {
    for (let next = await first; !next.done; next = await call.race(responses.next())) {
      yield pass(next.value);
    }
  } catch (error) {
    throw call.toCallerError(error);
  } finally {
    call.end();
  }
}

function handlersByMethod(hosted: readonly HostedService[]): ReadonlyMap<string, Handler> {
  const handlers = new Map<string, Handler>();
  for (const { contract, implementation } of hosted) {
    for (const method of contract.methods) {
      const handler = implementation[method.localName] as Handler | undefined;
      if (handler) handlers.set(methodName(method), handler.bind(implementation));
    }
  }
  return handlers;
}

function throwUnimplemented(_request: Message, { method }: HandlerContext): never {
  throw new ConnectError(`${methodName(method)} is not hosted here`, Code.Unimplemented);
}

async function singleMessage<T>(input: AsyncIterable<T>): Promise<T> {
  for await (const message of input) return message;
  throw new ConnectError("the request is missing", Code.Unimplemented);
}

function iteratorOf<T>(responses: AsyncIterable<T>): AsyncIterator<T> {
  return responses[Symbol.asyncIterator]();
}
