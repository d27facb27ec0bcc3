import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import sharp from "sharp";

/** A site of another owner that pictures are loaded from, on a real socket. */
export type PictureHost = {
  /** The URL of a path. */
  url(path: string): string;
  /** Its name and port. */
  readonly host: string;
  /** The headers of the requests so far, by path. */
  readonly requests: Map<string, IncomingHttpHeaders[]>;
  /** Serves a path from now on. */
  serve(path: string, listener: RequestListener): void;
};

/** Listens at once, so that settings can name it. It keeps no process alive. */
export async function startPictureHost(): Promise<PictureHost> {
  const listeners = new Map<string, RequestListener>();
  const requests: PictureHost["requests"] = new Map();
  const server = createServer((request, response) => {
    const { url = "", headers } = request;
    requests.set(url, [...(requests.get(url) ?? []), headers]);
    const listener = listeners.get(url);
    if (listener) listener(request, response);
    else response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1").unref();
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    requests,
    url: (path) => `http://${host}${path}`,
    serve: (path, listener) => void listeners.set(path, listener),
  };
}

/** A picture of one colour. */
export function createPicture(
  format: "png" | "jpeg" | "webp" | "gif" | "avif" | "tiff",
  { width = 400, height = 300, background = "teal" } = {},
): Promise<Buffer> {
  const create = { width, height, channels: 3, background } as const;
  return sharp({ create }).toFormat(format).toBuffer();
}

/** Sends a body as a picture. */
export function sendPicture(body: Buffer, type = "image/png"): RequestListener {
  return (_request, response) => response.writeHead(200, { "content-type": type }).end(body);
}
