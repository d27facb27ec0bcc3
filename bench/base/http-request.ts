export type HttpRequestOptions = {
  /** JSON. */
  readonly body?: string;
  readonly accessToken?: string;
};

/** The bytes of an HTTP/1.1 request to the server at `url`. */
export function httpRequest(
  url: string,
  method: string,
  path: string,
  { body = "", accessToken }: HttpRequestOptions = {},
): Buffer {
  const head = [`${method} ${path} HTTP/1.1`, `host: ${new URL(url).host}`];
  if (body) {
    head.push("content-type: application/json", `content-length: ${Buffer.byteLength(body)}`);
  }
  if (accessToken) head.push(`authorization: Bearer ${accessToken}`);
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}

/** A GET request for `path` with one of the ids, another one each time. */
export function randomGet(url: string, path: string, ids: readonly string[]): () => Buffer {
  const requests = ids.map((id) => httpRequest(url, "GET", path + id));
  return () => requests[Math.floor(Math.random() * requests.length)] as Buffer;
}
