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

/** One service as it is hosted in this process: its contract and what the chain made of its code. */
export type HostedService = {
  readonly contract: DescService;
  readonly implementation: ServiceImpl<DescService>;
};

/** Options of the local transport. */
export type LocalTransportOptions = {
  /**
   * Sees every message that crosses the transport, in both directions. Tests freeze them here, because
   * a message that is passed by reference must not be written to by either side.
   */
  readonly inspect?: (message: object) => void;
};

type Handler = (request: Message, context: HandlerContext) => unknown;

/**
 * A Connect `Transport` to services of this process: no socket, no encoding, messages passed by
 * reference. Deadlines, cancellation, headers and errors behave as over the network. It serves unary
 * methods and server streams.
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

  function answerTo<I extends DescMessage>(
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
        const answer = await call.race(answerTo(method, call, input));
        const message = pass(method.output, answer as MessageInitShape<typeof method.output>);
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
        const answers = answerTo(method, call, await call.race(singleMessage(input)));
        const iterator = iteratorOf(
          answers as AsyncIterable<MessageInitShape<typeof method.output>>,
        );
        call.onEnd = () => iterator.return?.().catch(() => undefined);
        const first = call.race(iterator.next());
        // As over the network, a response begins with its first message, or the error in its place.
        await first.catch(() => call.throwIfEnded());
        const message = responseMessages(call, first, iterator, (answer) =>
          pass(method.output, answer),
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
  answers: AsyncIterator<A>,
  pass: (answer: A) => B,
): AsyncGenerator<B> {
  try {
    for (let next = await first; !next.done; next = await call.race(answers.next())) {
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

function iteratorOf<T>(answers: AsyncIterable<T>): AsyncIterator<T> {
  return answers[Symbol.asyncIterator]();
}
