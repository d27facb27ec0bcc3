import type { RestResponse, RestStream } from "../http/messages.ts";
import type { StreamFormat } from "./stream-format.ts";

/** What a message becomes, and the type of a body that consists of its like. */
export type Piece = { contentType: string; body: string | Uint8Array };

/** What opening a stream takes. */
export type Opening = {
  format: StreamFormat;
  /** Makes the next piece; undefined when the stream has ended. Throws what the RPC does. */
  next: () => Promise<Piece | undefined>;
  /** The headers of the reply, as far as they are known by now. */
  headers: () => [name: string, value: string][];
  /** Turns whatever was thrown into a response. */
  refuse: (error: unknown) => RestResponse;
  /** Ends the RPC, if it has not ended. */
  end: () => void;
  openStreamMs: number;
  keepAliveMs: number;
};

const quiet = Symbol("quiet");

/**
 * Waits for the first piece, so that an error in its place can still be thrown and have a status of its
 * own, and answers the stream. One that is quiet for longer than openStreamMs is begun nevertheless: a
 * browser wants to know that it is connected.
 */
export async function openStream(opening: Opening): Promise<RestStream> {
  const { format, next, headers, refuse, end, openStreamMs, keepAliveMs } = opening;
  const { keepAlive } = format;
  const within = (piece: Promise<Piece | undefined>, ms: number) =>
    keepAlive === undefined ? piece : quietAfter(ms, piece);

  let coming = next();
  const first = await within(coming, openStreamMs);
  const firstType = first === quiet ? undefined : first?.contentType;
  const contentType = format.contentType ?? firstType ?? "application/octet-stream";

  async function* pieces() {
    try {
      if (first === quiet) yield keepAlive ?? "";
      for (;;) {
        const piece = await within(coming, keepAliveMs);
        if (piece === undefined) break;
        yield piece === quiet ? (keepAlive ?? "") : piece.body;
        if (piece !== quiet) coming = next();
      }
      if (format.end !== "") yield format.end;
    } catch (error) {
      const status = refuse(error);
      if (!format.error) throw error;
      yield format.error(status);
    } finally {
      end();
    }
  }

  const own: [string, string][] = [
    ["content-type", contentType],
    ["cache-control", "no-store"],
    // Has nginx, and what follows its example, pass every piece on as it comes.
    ["x-accel-buffering", "no"],
  ];
  const others = headers().filter(([name]) => own.every(([ours]) => ours !== name));
  return { status: 200, headers: [...own, ...others], pieces: pieces() };
}

async function quietAfter<T>(ms: number, coming: Promise<T>): Promise<T | typeof quiet> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<typeof quiet>((resolve) => {
    timer = setTimeout(resolve, ms, quiet);
  });
  try {
    return await Promise.race([coming, silence]);
  } finally {
    clearTimeout(timer);
  }
}
