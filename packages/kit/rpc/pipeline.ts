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
import { createCallRecorder } from "../telemetry/metrics.ts";
import { endSpan, spanKey, startSpan } from "../telemetry/spans.ts";
import {
  errorDomainOf,
  isInternal,
  reasonOf,
  statusName,
  toConnectError,
} from "./error-mapping.ts";
import { methodName } from "./method-name.ts";
import { authorize, policyOf } from "./policy.ts";
import { redact } from "./redact.ts";
import { validate } from "./validate.ts";

/** What the chain needs beside the implementation. */
export type PipelineOptions = {
  /** Says who calls, from the headers of the request; throws a Fault when a credential is bad. */
  readonly authenticate: (headers: Headers) => Caller | Promise<Caller>;
  readonly log: Logger;
};

type UnaryHandler = (request: Message, context: HandlerContext) => unknown;
type StreamingHandler = (
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
export function withMiddleware<T extends DescService>(
  service: T,
  implementation: ServiceImpl<T>,
  options: PipelineOptions,
): ServiceImpl<T> {
  const handlers = implementation as Record<string, UnaryHandler & StreamingHandler>;
  const wrapped: Record<string, UnaryHandler | StreamingHandler> = {};
  for (const method of service.methods) {
    const link = new MethodPipeline(method as DescMethodUnary, options);
    const handler = handlers[method.localName]?.bind(implementation) ?? notImplemented;
    if (method.methodKind === "unary") wrapped[method.localName] = wrapUnary(link, handler);
    else if (method.methodKind === "server_streaming") {
      wrapped[method.localName] = wrapStreaming(link, handler);
    } else throw new Error(`${method.name}: client streams are not served yet`);
  }
  return wrapped as ServiceImpl<T>;
}

function wrapUnary(link: MethodPipeline, handler: UnaryHandler): UnaryHandler {
  return async (request, context) => {
    const call = new CallRecord(link, request, context);
    try {
      const waiting = link.authorizeAndValidate(request, context);
      if (waiting) await waiting;
      const response = await handler(request, context);
      call.end("ok");
      return response;
    } catch (error) {
      throw call.fail(error);
    }
  };
}

function wrapStreaming(link: MethodPipeline, handler: StreamingHandler): StreamingHandler {
  return async function* (request, context) {
    const call = new CallRecord(link, request, context);
    try {
      await link.authorizeAndValidate(request, context);
      yield* handler(request, context);
      call.end("ok");
    } catch (error) {
      throw call.fail(error);
    } finally {
      call.endAbandoned();
    }
  };
}

function notImplemented(): never {
  throw new Fault("unimplemented", "NOT_IMPLEMENTED", "the service does not implement this method");
}

/** One method's place in the chain: everything about it that can be known before the first call. */
class MethodPipeline {
  readonly name: string;
  readonly errorDomain: string;
  readonly input: DescMessage;
  readonly log: Logger;
  readonly recordCall: (outcome: string, durationMs: number) => void;
  readonly #policy: Policy;
  readonly #authenticate: PipelineOptions["authenticate"];

  constructor(method: DescMethodUnary | DescMethodServerStreaming, options: PipelineOptions) {
    this.name = methodName(method);
    this.errorDomain = errorDomainOf(method.parent);
    this.input = method.input;
    this.log = options.log.child({ method: this.name });
    this.recordCall = createCallRecorder(this.name);
    this.#policy = policyOf(method);
    this.#authenticate = options.authenticate;
  }

  /** Throws unless the request may reach the handler; a promise when that takes a while to know. */
  authorizeAndValidate(request: Message, context: HandlerContext): Promise<void> | undefined {
    const left = context.timeoutMs();
    if (left !== undefined && left <= 0) {
      throw new Fault("timeout", "DEADLINE_EXCEEDED", "the deadline had passed on arrival");
    }
    const caller = this.#authenticate(context.requestHeader);
    if (caller instanceof Promise)
      return caller.then((one) => this.#checkCaller(one, request, context));
    this.#checkCaller(caller, request, context);
    return undefined;
  }

  #checkCaller(caller: Caller, request: Message, context: HandlerContext): void {
    context.values.set(callerKey, caller);
    authorize(this.#policy, caller);
    validate(this.input, request);
  }
}

/** One call on its way through the chain: its span, its measurement and its line in the log. */
class CallRecord {
  readonly #method: MethodPipeline;
  readonly #request: Message;
  readonly #context: HandlerContext;
  readonly #span: Span;
  readonly #startedAt = performance.now();
  #ended = false;

  constructor(link: MethodPipeline, request: Message, context: HandlerContext) {
    this.#method = link;
    this.#request = request;
    this.#context = context;
    this.#span = startSpan(link.name, SpanKind.SERVER, context.requestHeader.get("traceparent"));
    context.values.set(spanKey, this.#span);
  }

  /** Ends the call as failed, and answers the error for its caller. */
  fail(error: unknown): ConnectError {
    const { errorDomain, input } = this.#method;
    const translated = toConnectError(error, errorDomain);
    const bug = isInternal(translated) ? redact(error, input, this.#request) : undefined;
    this.end(statusName(translated.code), reasonOf(translated), bug);
    return translated;
  }

  /** Ends the call unless it has ended: whoever read its stream went away, or ran out of time. */
  endAbandoned(): void {
    const left = this.#context.timeoutMs();
    this.end(left !== undefined && left <= 0 ? "deadline_exceeded" : "canceled");
  }

  /** Ends the call, the first time. */
  end(outcome: string, reason?: string, bug?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    const durationMs = performance.now() - this.#startedAt;
    const { recordCall, log } = this.#method;
    const { account, service } = this.#context.values.get(callerKey);
    recordCall(outcome, durationMs);
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
