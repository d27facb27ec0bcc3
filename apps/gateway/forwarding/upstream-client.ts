import type {
  DescMessage,
  DescMethod,
  DescMethodStreaming,
  DescMethodUnary,
  Message,
} from "@bufbuild/protobuf";
import { type SignInResponse, SignInResponseSchema } from "@plaza/contract/auth/v1/auth";
import { deadlineExceeded } from "@plaza/grpc/calls";
import { decodeJwt } from "jose";
import type { SessionCache } from "../admission/session-cache.ts";
import { defaultCallTimeoutMs, maxCallTimeoutMs, maxStreamDurationMs } from "../base/limits.ts";
import type { Cookie } from "../http/cookies.ts";
import type { ExposedMethod } from "../methods/exposed-methods.ts";
import type { ResponseCache, ResponseCaches } from "./response-cache.ts";
import type { SessionStreams } from "./session-streams.ts";
import { withDeadline } from "./with-deadline.ts";

/** How a call goes on: who calls, until when. */
export type UpstreamCallOptions = {
  readonly headers: HeadersInit;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number | undefined;
};

/** What a service answered, fit to be seen outside. */
export type UpstreamUnaryResponse = {
  readonly message: Message;
  readonly headers: Headers;
  readonly trailers: Headers;
};

/** As much of a stream's answer as there is when it begins; trailers are there once it has ended. */
export type UpstreamStreamResponse = {
  readonly messages: AsyncIterable<Message>;
  readonly headers: Headers;
  readonly trailers: Headers;
};

/** Passes calls from outside on to the services. */
export type UpstreamClient = {
  unary(
    method: DescMethodUnary,
    request: Message,
    onward: UpstreamCallOptions,
  ): Promise<UpstreamUnaryResponse>;
  stream(
    method: DescMethodStreaming,
    requests: AsyncIterable<Message>,
    options: UpstreamCallOptions,
  ): Promise<UpstreamStreamResponse>;
};

/** The header in which auth hands over a session's secret; empty to end the session. */
const sessionHeader = "plaza-session";

/** What passing calls on takes. */
export type UpstreamClientOptions = {
  readonly exposedMethods: ReadonlyMap<DescMethod, ExposedMethod>;
  readonly sessionCache: SessionCache;
  readonly sessionCookie: Cookie;
  readonly responseCaches: ResponseCaches;
  readonly sessionStreams: SessionStreams;
};

export function createUpstreamClient(options: UpstreamClientOptions): UpstreamClient {
  const { exposedMethods, sessionCache, sessionCookie, responseCaches, sessionStreams } = options;

  /** How long a call may take. Throws when its time is up: to a transport 0 and less mean no deadline. */
  function timeLeft(timeoutMs: number, maxMs: number): number {
    if (timeoutMs <= 0) throw deadlineExceeded();
    return Math.min(timeoutMs, maxMs);
  }

  function targetOf(method: DescMethod): ExposedMethod {
    const target = exposedMethods.get(method);
    if (!target) throw new Error(`${method.name} cannot be reached from outside`);
    return target;
  }

  /** Asks in nobody's name and for as long as anybody may, since others may come to wait for it too. */
  async function readShared(
    cache: ResponseCache,
    maxAgeMs: number,
    { method, transport }: ExposedMethod,
    request: Message,
    { headers, signal, timeoutMs = defaultCallTimeoutMs }: UpstreamCallOptions,
  ): Promise<UpstreamUnaryResponse> {
    const unary = method as DescMethodUnary;
    const traceparent = new Headers(headers).get("traceparent") ?? "";
    const found = cache.getOrFetch(unary, request, maxAgeMs, async () => {
      const onward = { traceparent };
      const answer = await transport.unary(unary, undefined, defaultCallTimeoutMs, onward, request);
      return answer.message;
    });
    const message = found instanceof Promise ? await withDeadline(found, signal, timeoutMs) : found;
    return { message, headers: new Headers(), trailers: new Headers() };
  }

  return {
    async unary(method, request, { headers, signal, timeoutMs = defaultCallTimeoutMs }) {
      const target = targetOf(method);
      const { transport, mayEndSessions, cookieField, cachePolicy, isRead } = target;
      const timeout = timeLeft(timeoutMs, maxCallTimeoutMs);
      const cache = responseCaches.get(method.parent.typeName);
      if (cache && cachePolicy?.appliesTo(request)) {
        const options = { headers, signal, timeoutMs: timeout };
        return readShared(cache, cachePolicy.maxAgeMs, target, request, options);
      }
      if (mayEndSessions) sessionCache.clear();
      if (!isRead) cache?.clear();
      try {
        const onward = cookieField ? new Headers(headers) : headers;
        const keep = cookieField?.fillRequest(request, onward as Headers);
        const answer = await transport.unary(method, signal, timeout, onward, request);
        const { header, trailer } = answer;
        setSessionCookie(method.output, answer.message, header, sessionCookie);
        const message = keep ? keep(answer.message, header) : answer.message;
        return {
          message,
          headers: removeInternalHeaders(header),
          trailers: removeInternalHeaders(trailer),
        };
      } finally {
        // Again, for what was resolved and read while the call was under way.
        if (mayEndSessions) sessionCache.clear();
        if (!isRead) cache?.clear();
      }
    },

    async stream(method, requests, { headers, signal, timeoutMs = maxStreamDurationMs }) {
      const { transport, isRead } = targetOf(method);
      const timeout = timeLeft(timeoutMs, maxStreamDurationMs);
      const cache = isRead ? undefined : responseCaches.get(method.parent.typeName);
      cache?.clear();
      return sessionStreams.open(sessionIdOf(headers), signal, async (ending) => {
        const answer = await transport.stream(method, ending, timeout, headers, requests);
        const { message, header, trailer } = answer;
        async function* messages() {
          try {
            yield* message;
          } finally {
            cache?.clear();
          }
          removeInternalHeaders(trailer);
        }
        return { messages: messages(), headers: removeInternalHeaders(header), trailers: trailer };
      });
    },
  };
}

function setSessionCookie(
  output: DescMessage,
  message: Message,
  header: Headers,
  cookie: Cookie,
): void {
  const secret = header.get(sessionHeader);
  if (secret === null) return;
  const isSignIn = secret !== "" && output.typeName === SignInResponseSchema.typeName;
  const maxAge = isSignIn ? (message as SignInResponse).expiresIn : 0;
  header.set("set-cookie", maxAge > 0 ? cookie.serialize(secret, maxAge) : cookie.expired);
}

/** The session under whose access token a call goes on: admission had that token from auth. */
function sessionIdOf(headers: HeadersInit): string | undefined {
  const [, token] = new Headers(headers).get("authorization")?.split(" ") ?? [];
  return token && (decodeJwt(token)["sid"] as string);
}

/** Headers that begin with `plaza-` are between Plaza's processes. */
function removeInternalHeaders(headers: Headers): Headers {
  const names = [...headers.keys()].filter((name) => name.startsWith("plaza-"));
  for (const name of names) headers.delete(name);
  return headers;
}
