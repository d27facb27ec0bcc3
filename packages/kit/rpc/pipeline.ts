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
import { withInterrupt } from "./with-interrupt.ts";

/** Dependencies of the pipeline. */
export type PipelineOptions = {
  /** Authenticates the caller by the request headers; throws a Fault when a credential is invalid. */
  readonly authenticate: (headers: Headers) => Caller | Promise<Caller>;
  /** Calls `onChange` when `authenticate` may give another result; returns the function that ends this. */
  readonly watch?: (caller: Caller, onChange: () => void) => () => void;
  readonly log: Logger;
};

type UnaryHandler = (request: Message, context: HandlerContext) => unknown;
type StreamingHandler = (
  request: Message,
  context: HandlerContext,
) => AsyncIterable<MessageInitShape<DescMessage>>;

/**
 * Wraps an implementation in the server pipeline: deadline, span and metrics, authentication, policy,
 * validation, handler, error mapping. Errors thrown inside a stream are mapped too. The result has the shape
 * of the implementation, so that any transport can serve it; a method without a handler is UNIMPLEMENTED.
 * Throws when a method has no policy.
 */
export function withMiddleware<T extends DescService>(
  service: T,
  implementation: ServiceImpl<T>,
  options: PipelineOptions,
): ServiceImpl<T> {
  const handlers = implementation as Record<string, UnaryHandler & StreamingHandler>;
  const wrapped: Record<string, UnaryHandler | StreamingHandler> = {};
  for (const method of service.methods) {
    const pipeline = new MethodPipeline(method as DescMethodUnary, options);
    const handler = handlers[method.localName]?.bind(implementation) ?? notImplemented;
    if (method.methodKind === "unary") wrapped[method.localName] = wrapUnary(pipeline, handler);
    else if (method.methodKind === "server_streaming") {
      wrapped[method.localName] = wrapStreaming(pipeline, handler);
    } else throw new Error(`${method.name}: client streaming is not supported`);
  }
  return wrapped as ServiceImpl<T>;
}

function wrapUnary(pipeline: MethodPipeline, handler: UnaryHandler): UnaryHandler {
  return async (request, context) => {
    const call = new CallRecord(pipeline, request, context);
    try {
      const pending = pipeline.authorizeAndValidate(request, context);
      if (pending) await pending;
      const response = await handler(request, context);
      call.end("ok");
      return response;
    } catch (error) {
      throw call.fail(error);
    }
  };
}

function wrapStreaming(pipeline: MethodPipeline, handler: StreamingHandler): StreamingHandler {
  return async function* (request, context) {
    const call = new CallRecord(pipeline, request, context);
    try {
      await pipeline.authorizeAndValidate(request, context);
      yield* pipeline.whileAuthorized(context, handler(request, context));
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

/** The pipeline of one method: everything about it that is known before its first call. */
class MethodPipeline {
  readonly name: string;
  readonly errorDomain: string;
  readonly input: DescMessage;
  readonly log: Logger;
  readonly recordCall: (status: string, durationMs: number) => void;
  readonly #policy: Policy;
  readonly #authenticate: PipelineOptions["authenticate"];
  readonly #watch: PipelineOptions["watch"];

  constructor(method: DescMethodUnary | DescMethodServerStreaming, options: PipelineOptions) {
    this.name = methodName(method);
    this.errorDomain = errorDomainOf(method.parent);
    this.input = method.input;
    this.log = options.log.child({ method: this.name });
    this.recordCall = createCallRecorder(this.name);
    this.#policy = policyOf(method);
    this.#authenticate = options.authenticate;
    this.#watch = options.watch;
  }

  /**
   * Authenticates, authorizes and validates; throws a Fault on failure. Returns a promise only when
   * authentication is asynchronous.
   */
  authorizeAndValidate(request: Message, context: HandlerContext): Promise<void> | undefined {
    const remainingMs = context.timeoutMs();
    if (remainingMs !== undefined && remainingMs <= 0) {
      throw new Fault("timeout", "DEADLINE_EXCEEDED", "deadline exceeded before the call arrived");
    }
    const caller = this.#authenticate(context.requestHeader);
    if (caller instanceof Promise)
      return caller.then((resolved) => this.#checkCaller(resolved, request, context));
    this.#checkCaller(caller, request, context);
    return undefined;
  }

  /** Passes the messages on until the caller may no longer call the method; then throws why. */
  whileAuthorized<T>(context: HandlerContext, messages: AsyncIterable<T>): AsyncIterable<T> {
    const watch = this.#watch;
    const caller = context.values.get(callerKey);
    if (!watch || !caller.account) return messages;
    const recheck = async () =>
      authorize(this.#policy, await this.#authenticate(context.requestHeader));
    return withInterrupt(messages, (interrupt) =>
      watch(caller, () => void recheck().catch(interrupt)),
    );
  }

  #checkCaller(caller: Caller, request: Message, context: HandlerContext): void {
    context.values.set(callerKey, caller);
    authorize(this.#policy, caller);
    validate(this.input, request);
  }
}

/** Span, metrics and log line of one call. */
class CallRecord {
  readonly #method: MethodPipeline;
  readonly #request: Message;
  readonly #context: HandlerContext;
  readonly #span: Span;
  readonly #startedAt = performance.now();
  #ended = false;

  constructor(pipeline: MethodPipeline, request: Message, context: HandlerContext) {
    this.#method = pipeline;
    this.#request = request;
    this.#context = context;
    this.#span = startSpan(
      pipeline.name,
      SpanKind.SERVER,
      context.requestHeader.get("traceparent"),
    );
    context.values.set(spanKey, this.#span);
  }

  /** Ends the record with an error; returns the error for the caller. */
  fail(error: unknown): ConnectError {
    const { errorDomain, input } = this.#method;
    const mapped = toConnectError(error, errorDomain);
    const bug = isInternal(mapped) ? redact(error, input, this.#request) : undefined;
    this.end(statusName(mapped.code), reasonOf(mapped), bug);
    return mapped;
  }

  /** Ends the record of a stream that was not read to its end: canceled, or deadline exceeded. */
  endAbandoned(): void {
    const remainingMs = this.#context.timeoutMs();
    this.end(remainingMs !== undefined && remainingMs <= 0 ? "deadline_exceeded" : "canceled");
  }

  /** Ends the record; later calls do nothing. */
  end(status: string, reason?: string, bug?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    const durationMs = performance.now() - this.#startedAt;
    const { recordCall, log } = this.#method;
    const { account, service } = this.#context.values.get(callerKey);
    recordCall(status, durationMs);
    endSpan(this.#span, status);
    const fields = {
      code: status,
      reason,
      ms: Math.round(durationMs * 100) / 100,
      trace: this.#span.spanContext().traceId,
      account: account?.id,
      caller: service,
    };
    if (bug) log.error({ ...fields, err: bug }, "call");
    else log.info(fields, "call");
  }
}
