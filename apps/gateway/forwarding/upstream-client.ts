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

/** The headers, signal and timeout of an upstream call. */
export type UpstreamCallOptions = {
  readonly headers: HeadersInit;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number | undefined;
};

/** A response of a service, without internal headers. */
export type UpstreamUnaryResponse = {
  readonly message: Message;
  readonly headers: Headers;
  readonly trailers: Headers;
};

/** A streamed response of a service; its trailers are complete once the messages have ended. */
export type UpstreamStreamResponse = {
  readonly messages: AsyncIterable<Message>;
  readonly headers: Headers;
  readonly trailers: Headers;
};

/** Calls services for clients. */
export type UpstreamClient = {
  unary(
    method: DescMethodUnary,
    request: Message,
    options: UpstreamCallOptions,
  ): Promise<UpstreamUnaryResponse>;
  stream(
    method: DescMethodStreaming,
    requests: AsyncIterable<Message>,
    options: UpstreamCallOptions,
  ): Promise<UpstreamStreamResponse>;
};

/** The header in which auth returns the secret of a new session; empty when the session has ended. */
const sessionHeader = "plaza-session";

/** What `createUpstreamClient` takes. */
export type UpstreamClientOptions = {
  readonly exposedMethods: ReadonlyMap<DescMethod, ExposedMethod>;
  readonly sessionCache: SessionCache;
  readonly sessionCookie: Cookie;
  readonly responseCaches: ResponseCaches;
  readonly sessionStreams: SessionStreams;
};

/** Creates the client. Its errors are those of the services and transports, not yet safe for clients. */
export function createUpstreamClient(options: UpstreamClientOptions): UpstreamClient {
  const { exposedMethods, sessionCache, sessionCookie, responseCaches, sessionStreams } = options;

  /** Throws DEADLINE_EXCEEDED at 0 or less, which a transport would take for no deadline. */
  function timeLeft(timeoutMs: number, maxMs: number): number {
    if (timeoutMs <= 0) throw deadlineExceeded();
    return Math.min(timeoutMs, maxMs);
  }

  function exposedMethodOf(method: DescMethod): ExposedMethod {
    const exposed = exposedMethods.get(method);
    if (!exposed) throw new Error(`${method.name} is not an exposed method`);
    return exposed;
  }

  /** Reads through the cache anonymously and with the full timeout, because other callers may share the call. */
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
      const anonymous = { traceparent };
      const response = await transport.unary(
        unary,
        undefined,
        defaultCallTimeoutMs,
        anonymous,
        request,
      );
      return response.message;
    });
    const message = found instanceof Promise ? await withDeadline(found, signal, timeoutMs) : found;
    return { message, headers: new Headers(), trailers: new Headers() };
  }

  return {
    async unary(method, request, { headers, signal, timeoutMs = defaultCallTimeoutMs }) {
      const exposed = exposedMethodOf(method);
      const { transport, mayEndSessions, cookieField, cachePolicy, isRead } = exposed;
      const timeout = timeLeft(timeoutMs, maxCallTimeoutMs);
      const cache = responseCaches.get(method.parent.typeName);
      if (cache && cachePolicy?.appliesTo(request)) {
        const options = { headers, signal, timeoutMs: timeout };
        return readShared(cache, cachePolicy.maxAgeMs, exposed, request, options);
      }
      if (mayEndSessions) sessionCache.clear();
      if (!isRead) cache?.clear();
      try {
        const upstreamHeaders = cookieField ? new Headers(headers) : headers;
        const stripCookieField = cookieField?.fillRequest(request, upstreamHeaders as Headers);
        const response = await transport.unary(method, signal, timeout, upstreamHeaders, request);
        const { header, trailer } = response;
        setSessionCookie(method.output, response.message, header, sessionCookie);
        const message = stripCookieField?.(response.message, header) ?? response.message;
        return {
          message,
          headers: removeInternalHeaders(header),
          trailers: removeInternalHeaders(trailer),
        };
      } finally {
        // Again, for sessions resolved and responses read while the call was in flight.
        if (mayEndSessions) sessionCache.clear();
        if (!isRead) cache?.clear();
      }
    },

    async stream(method, requests, { headers, signal, timeoutMs = maxStreamDurationMs }) {
      const { transport, isRead } = exposedMethodOf(method);
      const timeout = timeLeft(timeoutMs, maxStreamDurationMs);
      const cache = isRead ? undefined : responseCaches.get(method.parent.typeName);
      cache?.clear();
      return sessionStreams.open(sessionIdOf(headers), signal, async (ending) => {
        const response = await transport.stream(method, ending, timeout, headers, requests);
        const { message, header, trailer } = response;
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

/** The session of the access token, which needs no verification: admission got it from auth. */
function sessionIdOf(headers: HeadersInit): string | undefined {
  const [, token] = new Headers(headers).get("authorization")?.split(" ") ?? [];
  return token && (decodeJwt(token)["sid"] as string);
}

/** Removes headers that begin with `plaza-`, which are internal to Plaza. */
function removeInternalHeaders(headers: Headers): Headers {
  const names = [...headers.keys()].filter((name) => name.startsWith("plaza-"));
  for (const name of names) headers.delete(name);
  return headers;
}
