import type {
  DescMessage,
  DescMethod,
  DescMethodStreaming,
  DescMethodUnary,
  Message,
} from "@bufbuild/protobuf";
import { type SignInResponse, SignInResponseSchema } from "@plaza/contract/auth/v1/auth";
import type { Cookie } from "./cookies.ts";
import type { Credentials } from "./credentials.ts";
import { defaultTimeoutMs, maxStreamMs, maxTimeoutMs } from "./limits.ts";
import type { OpenStreams } from "./open-streams.ts";
import type { Reachable } from "./surface.ts";

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

export function createForward(
  surface: ReadonlyMap<DescMethod, Reachable>,
  credentials: Credentials,
  cookie: Cookie,
  streams: OpenStreams,
): Forward {
  function targetOf(method: DescMethod): Reachable {
    const target = surface.get(method);
    if (!target) throw new Error(`${method.name} cannot be reached from outside`);
    return target;
  }

  return {
    async unary(method, request, { headers, signal, timeoutMs = defaultTimeoutMs }) {
      const { transport, endsSessions, carried } = targetOf(method);
      const timeout = Math.min(timeoutMs, maxTimeoutMs);
      if (endsSessions) credentials.forget();
      try {
        const onward = carried ? new Headers(headers) : headers;
        const keep = carried?.fill(request, onward as Headers);
        const answer = await transport.unary(method, signal, timeout, onward, request);
        const { header, trailer } = answer;
        cookieFromHeader(method.output, answer.message, header, cookie);
        const message = keep ? keep(answer.message, header) : answer.message;
        return { message, headers: withoutOurs(header), trailers: withoutOurs(trailer) };
      } finally {
        // Again, for what was resolved while the call was under way.
        if (endsSessions) credentials.forget();
      }
    },

    async stream(method, requests, { headers, signal, timeoutMs = maxStreamMs }) {
      const { transport } = targetOf(method);
      const timeout = Math.min(timeoutMs, maxStreamMs);
      return streams.open(tokenIn(headers), signal, async (ending) => {
        const answer = await transport.stream(method, ending, timeout, headers, requests);
        const { message, header, trailer } = answer;
        async function* messages() {
          yield* message;
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

/** The access token under which a call goes on. */
function tokenIn(headers: HeadersInit): string | undefined {
  return new Headers(headers).get("authorization")?.replace(/^Bearer /, "");
}

/** Headers that begin with `plaza-` are between Plaza's processes. */
function withoutOurs(headers: Headers): Headers {
  const names = [...headers.keys()].filter((name) => name.startsWith("plaza-"));
  for (const name of names) headers.delete(name);
  return headers;
}
