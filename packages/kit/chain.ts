import type {
  DescMessage,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  Message,
  MessageInitShape,
} from "@bufbuild/protobuf";
import {
  Code,
  type ConnectError,
  type HandlerContext,
  type ServiceImpl,
} from "@connectrpc/connect";
import { SpanKind } from "@opentelemetry/api";
import type { Policy } from "@plaza/contract/kit/v1/options";
import { type Caller, callerKey } from "./caller.ts";
import { Fault } from "./fault.ts";
import type { Logger } from "./log.ts";
import { callMeter } from "./metrics.ts";
import { authorize, policyOf } from "./policy.ts";
import { endSpan, spanKey, startSpan } from "./trace.ts";
import { isBug, reasonOf, translate } from "./translate.ts";
import { validate } from "./validate.ts";

/** What the chain needs beside the implementation. */
export type ChainOptions = {
  /** Says who calls, from the headers of the request; throws a Fault when a credential is bad. */
  readonly identify: (headers: Headers) => Caller | Promise<Caller>;
  readonly log: Logger;
};

type Unary = (request: Message, context: HandlerContext) => unknown;
type Streaming = (
  request: Message,
  context: HandlerContext,
) => AsyncIterable<MessageInitShape<DescMessage>>;

/**
 * Wraps an implementation in what every call goes through, in this order: deadline, trace and metrics,
 * policy, validation, handler, fault translation. Streams go through the same, and an error inside a
 * stream is translated like any other. The result has the shape of the implementation, so that any
 * transport can serve it. Throws when a method states no policy.
 */
export function chain<T extends DescService>(
  service: T,
  implementation: ServiceImpl<T>,
  options: ChainOptions,
): ServiceImpl<T> {
  const wrapped: Record<string, Unary | Streaming> = {};
  for (const method of service.methods) {
    const handler = (implementation as Record<string, unknown>)[method.localName];
    const step = new Link(method as DescMethodUnary, options);
    if (method.methodKind === "unary") wrapped[method.localName] = unary(step, handler as Unary);
    else if (method.methodKind === "server_streaming") {
      wrapped[method.localName] = streaming(step, handler as Streaming);
    } else throw new Error(`${method.name}: client streams are not served yet`);
  }
  return wrapped as ServiceImpl<T>;
}

function unary(link: Link, handler: Unary): Unary {
  return async (request, context) => {
    const call = link.begin(context);
    try {
      await link.admit(request, context);
      const response = await handler(request, context);
      call.end();
      return response;
    } catch (error) {
      throw call.fail(error);
    }
  };
}

function streaming(link: Link, handler: Streaming): Streaming {
  return async function* (request, context) {
    const call = link.begin(context);
    try {
      await link.admit(request, context);
      yield* handler(request, context);
      call.end();
    } catch (error) {
      throw call.fail(error);
    }
  };
}

type Call = { end(): void; fail(error: unknown): ConnectError };

/** One method's place in the chain: everything about it that can be known before the first call. */
class Link {
  readonly #name: string;
  readonly #domain: string;
  readonly #policy: Policy;
  readonly #input: DescMessage;
  readonly #meter: (code: string, durationMs: number) => void;
  readonly #options: ChainOptions;

  constructor(method: DescMethodUnary | DescMethodServerStreaming, options: ChainOptions) {
    this.#name = `${method.parent.typeName}/${method.name}`;
    this.#domain = domainOf(method.parent);
    this.#policy = policyOf(method);
    this.#input = method.input;
    this.#meter = callMeter(this.#name);
    this.#options = options;
  }

  begin(context: HandlerContext): Call {
    const startedAt = performance.now();
    const span = startSpan(this.#name, SpanKind.SERVER, context.requestHeader.get("traceparent"));
    context.values.set(spanKey, span);
    const close = (code: string, error?: unknown) => {
      const durationMs = performance.now() - startedAt;
      this.#meter(code, durationMs);
      endSpan(span, code);
      this.#write(context, span.spanContext().traceId, code, durationMs, error);
    };
    return {
      end: () => close("ok"),
      fail: (error) => {
        const translated = translate(error, this.#domain);
        close(Code[translated.code], isBug(translated) ? error : translated);
        return translated;
      },
    };
  }

  async admit(request: Message, context: HandlerContext): Promise<void> {
    const left = context.timeoutMs();
    if (left !== undefined && left <= 0) {
      throw new Fault("timeout", "DEADLINE_EXCEEDED", "the deadline had passed on arrival");
    }
    const caller = this.#options.identify(context.requestHeader);
    const known = caller instanceof Promise ? await caller : caller;
    context.values.set(callerKey, known);
    authorize(this.#policy, known);
    validate(this.#input, request);
  }

  #write(
    context: HandlerContext,
    traceId: string,
    code: string,
    durationMs: number,
    error: unknown,
  ) {
    const { account, service } = context.values.get(callerKey);
    const line = {
      method: this.#name,
      code,
      reason: reasonOf(error),
      ms: Math.round(durationMs * 100) / 100,
      trace: traceId,
      account: account?.id,
      service,
    };
    const { log } = this.#options;
    if (code === "internal" || code === "unknown") log.error({ ...line, err: error }, "call");
    else log.info(line, "call");
  }
}

/** `plaza.posts.v1.PostService` → `posts.plaza`, the domain of its ErrorInfo. */
function domainOf(service: DescService): string {
  return service.file.proto.package.split(".").slice(0, 2).reverse().join(".");
}
