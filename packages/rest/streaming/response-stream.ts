import type { RestResponse, RestStreamResponse } from "../http/messages.ts";
import type { StreamFormat } from "./stream-format.ts";

/** What a message becomes, and the type of a body that consists of its like. */
export type StreamChunk = { contentType: string; body: string | Uint8Array };

/** What opening a stream takes. */
export type StreamOptions = {
  format: StreamFormat;
  /** Makes the next piece; undefined when the stream has ended. Throws what the RPC does. */
  nextChunk: () => Promise<StreamChunk | undefined>;
  /** The headers of the reply, as far as they are known by now. */
  headers: () => [name: string, value: string][];
  /** Turns whatever was thrown into a response. */
  toErrorResponse: (error: unknown) => RestResponse;
  /** Ends the RPC, if it has not ended. */
  cancel: () => void;
  firstMessageTimeoutMs: number;
  keepAliveIntervalMs: number;
};

const silenceSymbol = Symbol("quiet");

/**
 * Waits for the first piece, so that an error in its place can still be thrown and have a status of its
 * own, and answers the stream. One that is quiet for longer than openStreamMs is begun nevertheless: a
 * browser wants to know that it is connected.
 */
export async function openResponseStream(opening: StreamOptions): Promise<RestStreamResponse> {
  const {
    format,
    nextChunk,
    headers,
    toErrorResponse,
    cancel,
    firstMessageTimeoutMs,
    keepAliveIntervalMs,
  } = opening;
  const { keepAlive } = format;
  const within = (piece: Promise<StreamChunk | undefined>, ms: number) =>
    keepAlive === undefined ? piece : raceSilence(ms, piece);

  let coming = nextChunk();
  const first = await within(coming, firstMessageTimeoutMs);
  const firstType = first === silenceSymbol ? undefined : first?.contentType;
  const contentType = format.contentType ?? firstType ?? "application/octet-stream";

  async function* pieces() {
    try {
      if (first === silenceSymbol) yield keepAlive ?? "";
      for (;;) {
        const piece = await within(coming, keepAliveIntervalMs);
        if (piece === undefined) break;
        yield piece === silenceSymbol ? (keepAlive ?? "") : piece.body;
        if (piece !== silenceSymbol) coming = nextChunk();
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
    // Has nginx, and what follows its example, pass every piece on as it comes.
    ["x-accel-buffering", "no"],
  ];
  const others = headers().filter(([name]) => own.every(([ours]) => ours !== name));
  return { status: 200, headers: [...own, ...others], chunks: pieces() };
}

async function raceSilence<T>(ms: number, coming: Promise<T>): Promise<T | typeof silenceSymbol> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<typeof silenceSymbol>((resolve) => {
    timer = setTimeout(resolve, ms, silenceSymbol);
  });
  try {
    return await Promise.race([coming, silence]);
  } finally {
    clearTimeout(timer);
  }
}
