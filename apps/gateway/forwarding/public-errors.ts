import type { Message } from "@bufbuild/protobuf";
import type { Logger } from "@plaza/kit/telemetry/log";
import { toPublicError } from "../base/public-error.ts";
import type { UpstreamClient } from "./upstream-client.ts";

/** The client with every error of a call or of its stream made safe for clients by `toPublicError`. */
export function withPublicErrors(
  upstream: UpstreamClient,
  log: Logger,
  options?: Parameters<typeof toPublicError>[2],
): UpstreamClient {
  const rethrow = (error: unknown): never => {
    throw toPublicError(error, log, options);
  };
  async function* convertErrors(messages: AsyncIterable<Message>): AsyncGenerator<Message> {
    try {
      yield* messages;
    } catch (error) {
      rethrow(error);
    }
  }
  return {
    unary: (...call) => upstream.unary(...call).catch(rethrow),
    async stream(...call) {
      const response = await upstream.stream(...call).catch(rethrow);
      return { ...response, messages: convertErrors(response.messages) };
    },
  };
}
