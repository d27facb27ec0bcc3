import type { ResponseBody } from "../binding/response-body.ts";
import type { RestResponse, RestStreamResponse } from "../http/messages.ts";
import type { StreamFormat } from "./stream-format.ts";

/** Options of a response stream. */
export type StreamOptions = {
  format: StreamFormat;
  /** Makes the next chunk; undefined at the end of the stream. Throws what the RPC does. */
  nextChunk: () => Promise<ResponseBody | undefined>;
  /** The headers of the response, as far as they have arrived. */
  headers: () => [name: string, value: string][];
  /** Turns a thrown error into a response. */
  toErrorResponse: (error: unknown) => RestResponse;
  /** Cancels the RPC, unless it has ended. */
  cancel: () => void;
  firstMessageTimeoutMs: number;
  keepAliveIntervalMs: number;
};

const silenceSymbol = Symbol("silence");

/**
 * Waits up to firstMessageTimeoutMs for the first chunk, so that an error before it can have its own HTTP
 * status, and returns the stream. Then the stream begins without it, since browsers wait to be connected.
 */
export async function openResponseStream(options: StreamOptions): Promise<RestStreamResponse> {
  const {
    format,
    nextChunk,
    headers,
    toErrorResponse,
    cancel,
    firstMessageTimeoutMs,
    keepAliveIntervalMs,
  } = options;
  const { keepAlive } = format;
  const within = (chunk: Promise<ResponseBody | undefined>, ms: number) =>
    keepAlive === undefined ? chunk : raceSilence(ms, chunk);

  let pending = nextChunk();
  const first = await within(pending, firstMessageTimeoutMs);
  const firstType = first === silenceSymbol ? undefined : first?.contentType;
  const contentType = format.contentType ?? firstType ?? "application/octet-stream";

  async function* chunks() {
    try {
      if (first === silenceSymbol) yield keepAlive ?? "";
      for (;;) {
        const chunk = await within(pending, keepAliveIntervalMs);
        if (chunk === undefined) break;
        yield chunk === silenceSymbol ? (keepAlive ?? "") : chunk.body;
        if (chunk !== silenceSymbol) pending = nextChunk();
      }
      if (format.end !== "") yield format.end;
    } catch (error) {
      const status = toErrorResponse(error);
      if (!format.formatError) throw error;
      yield format.formatError(status);
    } finally {
      cancel();
    }
  }

  const own: [string, string][] = [
    ["content-type", contentType],
    ["cache-control", "no-store"],
    // Keeps nginx, and proxies that follow it, from buffering.
    ["x-accel-buffering", "no"],
  ];
  const others = headers().filter(([name]) => own.every(([ours]) => ours !== name));
  return { status: 200, headers: [...own, ...others], chunks: chunks() };
}

/** setTimeout fires at once when it gets a longer one. */
const maxTimerMs = 2 ** 31 - 1;

async function raceSilence<T>(ms: number, pending: Promise<T>): Promise<T | typeof silenceSymbol> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<typeof silenceSymbol>((resolve) => {
    timer = setTimeout(resolve, Math.min(ms, maxTimerMs), silenceSymbol);
  });
  try {
    return await Promise.race([pending, silence]);
  } finally {
    clearTimeout(timer);
  }
}
