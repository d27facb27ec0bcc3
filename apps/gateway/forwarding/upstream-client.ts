import type {
  DescMessage,
  DescMethod,
  DescMethodStreaming,
  DescMethodUnary,
  Message,
} from "@bufbuild/protobuf";
import { type SignInResponse, SignInResponseSchema } from "@plaza/contract/auth/v1/auth";
import { deadlineExceeded } from "@plaza/grpc/calls/deadline";
import { decodeJwt } from "jose";
import type { Credentials } from "../admission/session-cache.ts";
import { defaultTimeoutMs, maxStreamMs, maxTimeoutMs } from "../base/limits.ts";
import type { Cookie } from "../http/cookies.ts";
import type { Reachable } from "../methods/exposed-methods.ts";
import type { Caches } from "./cache-invalidation.ts";
import type { AnswerCache } from "./response-cache.ts";
import type { OpenStreams } from "./session-streams.ts";
import { patient } from "./with-deadline.ts";

/** How a call goes on: who calls, until when. */
export type Onward = {
  readonly headers: HeadersInit;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number | undefined;
};

/** What a service answered, fit to be seen outside. */
export type Reply = {
  readonly message: Message;
  readonly headers: Headers;
  readonly trailers: Headers;
};

/** As much of a stream's answer as there is when it begins; trailers are there once it has ended. */
export type StreamReply = {
  readonly messages: AsyncIterable<Message>;
  readonly headers: Headers;
  readonly trailers: Headers;
};

/** Passes calls from outside on to the services. */
export type Forward = {
  unary(method: DescMethodUnary, request: Message, onward: Onward): Promise<Reply>;
  stream(
    method: DescMethodStreaming,
    requests: AsyncIterable<Message>,
    onward: Onward,
  ): Promise<StreamReply>;
};

/** The header in which auth hands over a session's secret; empty to end the session. */
const sessionHeader = "plaza-session";

/** What passing calls on takes. */
export type ForwardOptions = {
  readonly surface: ReadonlyMap<DescMethod, Reachable>;
  readonly credentials: Credentials;
  readonly cookie: Cookie;
  readonly caches: Caches;
  readonly streams: OpenStreams;
};

export function createForward(options: ForwardOptions): Forward {
  const { surface, credentials, cookie, caches, streams } = options;

  /** How long a call may take. Throws when its time is up: to a transport 0 and less mean no deadline. */
  function timeLeft(timeoutMs: number, maxMs: number): number {
    if (timeoutMs <= 0) throw deadlineExceeded();
    return Math.min(timeoutMs, maxMs);
  }

  function targetOf(method: DescMethod): Reachable {
    const target = surface.get(method);
    if (!target) throw new Error(`${method.name} cannot be reached from outside`);
    return target;
  }

  /** Asks in nobody's name and for as long as anybody may, since others may come to wait for it too. */
  async function readShared(
    cache: AnswerCache,
    maxAgeMs: number,
    { method, transport }: Reachable,
    request: Message,
    { headers, signal, timeoutMs = defaultTimeoutMs }: Onward,
  ): Promise<Reply> {
    const unary = method as DescMethodUnary;
    const traceparent = new Headers(headers).get("traceparent") ?? "";
    const found = cache.read(unary, request, maxAgeMs, async () => {
      const onward = { traceparent };
      const answer = await transport.unary(unary, undefined, defaultTimeoutMs, onward, request);
      return answer.message;
    });
    const message = found instanceof Promise ? await patient(found, signal, timeoutMs) : found;
    return { message, headers: new Headers(), trailers: new Headers() };
  }

  return {
    async unary(method, request, { headers, signal, timeoutMs = defaultTimeoutMs }) {
      const target = targetOf(method);
      const { transport, endsSessions, carried, cacheable, isRead } = target;
      const timeout = timeLeft(timeoutMs, maxTimeoutMs);
      const cache = caches.get(method.parent.typeName);
      if (cache && cacheable?.covers(request)) {
        const onward = { headers, signal, timeoutMs: timeout };
        return readShared(cache, cacheable.maxAgeMs, target, request, onward);
      }
      if (endsSessions) credentials.forget();
      if (!isRead) cache?.forget();
      try {
        const onward = carried ? new Headers(headers) : headers;
        const keep = carried?.fill(request, onward as Headers);
        const answer = await transport.unary(method, signal, timeout, onward, request);
        const { header, trailer } = answer;
        cookieFromHeader(method.output, answer.message, header, cookie);
        const message = keep ? keep(answer.message, header) : answer.message;
        return { message, headers: withoutOurs(header), trailers: withoutOurs(trailer) };
      } finally {
        // Again, for what was resolved and read while the call was under way.
        if (endsSessions) credentials.forget();
        if (!isRead) cache?.forget();
      }
    },

    async stream(method, requests, { headers, signal, timeoutMs = maxStreamMs }) {
      const { transport, isRead } = targetOf(method);
      const timeout = timeLeft(timeoutMs, maxStreamMs);
      const cache = isRead ? undefined : caches.get(method.parent.typeName);
      cache?.forget();
      return streams.open(sessionIn(headers), signal, async (ending) => {
        const answer = await transport.stream(method, ending, timeout, headers, requests);
        const { message, header, trailer } = answer;
        async function* messages() {
          try {
            yield* message;
          } finally {
            cache?.forget();
          }
          withoutOurs(trailer);
        }
        return { messages: messages(), headers: withoutOurs(header), trailers: trailer };
      });
    },
  };
}

function cookieFromHeader(
  output: DescMessage,
  message: Message,
  header: Headers,
  cookie: Cookie,
): void {
  const secret = header.get(sessionHeader);
  if (secret === null) return;
  const isSignIn = secret !== "" && output.typeName === SignInResponseSchema.typeName;
  const maxAge = isSignIn ? (message as SignInResponse).expiresIn : 0;
  header.set("set-cookie", maxAge > 0 ? cookie.set(secret, maxAge) : cookie.clear);
}

/** The session under whose access token a call goes on: admission had that token from auth. */
function sessionIn(headers: HeadersInit): string | undefined {
  const [, token] = new Headers(headers).get("authorization")?.split(" ") ?? [];
  return token && (decodeJwt(token)["sid"] as string);
}

/** Headers that begin with `plaza-` are between Plaza's processes. */
function withoutOurs(headers: Headers): Headers {
  const names = [...headers.keys()].filter((name) => name.startsWith("plaza-"));
  for (const name of names) headers.delete(name);
  return headers;
}
