import { Code, ConnectError } from "@connectrpc/connect";

/** The types of gRPC-Web in base64, for browsers that cannot read binary responses as they come. */
export const textTypePattern = /^application\/grpc-web-text\b/;

const base64Pattern = /^[A-Za-z0-9+/=]*$/;

/**
 * Decodes a body in base64: of any number of parts, each of which may be padded (gRPC-Web, "Message framing"). Throws
 * INVALID_ARGUMENT for anything else.
 */
export async function* decodeBase64(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest = "";
  for await (const chunk of chunks) {
    const text = rest + Buffer.from(chunk).toString("latin1");
    if (!base64Pattern.test(text)) {
      throw new ConnectError("the request body is not base64", Code.InvalidArgument);
    }
    const length = text.length - (text.length % 4);
    rest = text.slice(length);
    yield decodeParts(text.slice(0, length));
  }
  if (rest !== "") yield decodeParts(rest);
}

/** Encodes each chunk by itself, so that it can be read at once. */
export async function* encodeBase64(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield Buffer.from(Buffer.from(chunk).toString("base64"));
}

function decodeParts(text: string): Buffer {
  const parts = text.match(/[^=]+=*/g) ?? [];
  return Buffer.concat(parts.map((part) => Buffer.from(part, "base64")));
}
