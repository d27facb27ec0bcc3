import type {
  DescMessage,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  Message,
  MessageInitShape,
} from "@bufbuild/protobuf";
import type { ConnectError, HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { type Span, SpanKind } from "@opentelemetry/api";
import type { Policy } from "@plaza/contract/kit/v1/options";
import { Fault } from "../errors/fault.ts";
import { type Caller, callerKey } from "../identity/caller.ts";
import type { Logger } from "../telemetry/log.ts";
import { callMeter } from "../telemetry/metrics.ts";
import { endSpan, spanKey, startSpan } from "../telemetry/spans.ts";
import { domainOf, isBug, outcomeOf, reasonOf, translate } from "./error-mapping.ts";
import { authorize, policyOf } from "./policy.ts";
import { redact } from "./redact.ts";
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
 * transport can serve it; a method without a handler is UNIMPLEMENTED. Throws when a method states no
 * policy.
 */
export function chain<T extends DescService>(
  service: T,
  implementation: ServiceImpl<T>,
  options: ChainOptions,
): ServiceImpl<T> {
  const handlers = implementation as Record<string, Unary & Streaming>;
  const wrapped: Record<string, Unary | Streaming> = {};
  for (const method of service.methods) {
    const link = new Link(method as DescMethodUnary, options);
    const handler = handlers[method.localName]?.bind(implementation) ?? notImplemented;
    if (method.methodKind === "unary") wrapped[method.localName] = unary(link, handler);
    else if (method.methodKind === "server_streaming") {
      wrapped[method.localName] = streaming(link, handler);
    } else throw new Error(`${method.name}: client streams are not served yet`);
  }
  return wrapped as ServiceImpl<T>;
}

function unary(link: Link, handler: Unary): Unary {
  return async (request, context) => {
    const call = new Call(link, request, context);
    try {
      const waiting = link.admit(request, context);
      if (waiting) await waiting;
      const response = await handler(request, context);
      call.end("ok");
      return response;
    } catch (error) {
      throw call.fail(error);
    }
  };
}

function streaming(link: Link, handler: Streaming): Streaming {
  return async function* (request, context) {
    const call = new Call(link, request, context);
    try {
      await link.admit(request, context);
      yield* handler(request, context);
      call.end("ok");
    } catch (error) {
      throw call.fail(error);
    } finally {
      call.leave();
    }
  };
}

function notImplemented(): never {
  throw new Fault("unimplemented", "NOT_IMPLEMENTED", "the service does not implement this method");
}

/** One method's place in the chain: everything about it that can be known before the first call. */
class Link {
  readonly name: string;
  readonly domain: string;
  readonly input: DescMessage;
  readonly log: Logger;
  readonly meter: (outcome: string, durationMs: number) => void;
  readonly #policy: Policy;
  readonly #identify: ChainOptions["identify"];

  constructor(method: DescMethodUnary | DescMethodServerStreaming, options: ChainOptions) {
    this.name = `${method.parent.typeName}/${method.name}`;
    this.domain = domainOf(method.parent);
    this.input = method.input;
    this.log = options.log.child({ method: this.name });
    this.meter = callMeter(this.name);
    this.#policy = policyOf(method);
    this.#identify = options.identify;
  }

  /** Throws unless the request may reach the handler; a promise when that takes a while to know. */
  admit(request: Message, context: HandlerContext): Promise<void> | undefined {
    const left = context.timeoutMs();
    if (left !== undefined && left <= 0) {
      throw new Fault("timeout", "DEADLINE_EXCEEDED", "the deadline had passed on arrival");
    }
    const caller = this.#identify(context.requestHeader);
    if (caller instanceof Promise) return caller.then((one) => this.#check(one, request, context));
    this.#check(caller, request, context);
    return undefined;
  }

  #check(caller: Caller, request: Message, context: HandlerContext): void {
    context.values.set(callerKey, caller);
    authorize(this.#policy, caller);
    validate(this.input, request);
  }
}

/** One call on its way through the chain: its span, its measurement and its line in the log. */
class Call {
  readonly #link: Link;
  readonly #request: Message;
  readonly #context: HandlerContext;
  readonly #span: Span;
  readonly #startedAt = performance.now();
  #ended = false;

  constructor(link: Link, request: Message, context: HandlerContext) {
    this.#link = link;
    this.#request = request;
    this.#context = context;
    this.#span = startSpan(link.name, SpanKind.SERVER, context.requestHeader.get("traceparent"));
    context.values.set(spanKey, this.#span);
  }

  /** Ends the call as failed, and answers the error for its caller. */
  fail(error: unknown): ConnectError {
    const { domain, input } = this.#link;
    const translated = translate(error, domain);
    const bug = isBug(translated) ? redact(error, input, this.#request) : undefined;
    this.end(outcomeOf(translated.code), reasonOf(translated), bug);
    return translated;
  }

  /** Ends the call unless it has ended: whoever read its stream went away, or ran out of time. */
  leave(): void {
    const left = this.#context.timeoutMs();
    this.end(left !== undefined && left <= 0 ? "deadline_exceeded" : "canceled");
  }

  /** Ends the call, the first time. */
  end(outcome: string, reason?: string, bug?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    const durationMs = performance.now() - this.#startedAt;
    const { meter, log } = this.#link;
    const { account, service } = this.#context.values.get(callerKey);
    meter(outcome, durationMs);
    endSpan(this.#span, outcome);
    const line = {
      code: outcome,
      reason,
      ms: Math.round(durationMs * 100) / 100,
      trace: this.#span.spanContext().traceId,
      account: account?.id,
      caller: service,
    };
    if (bug) log.error({ ...line, err: bug }, "call");
    else log.info(line, "call");
  }
}
