import { create, type DescMessage, isMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { writeUint32 } from "../http2/frames.ts";
import type { Http2Stream } from "../http2/stream.ts";
import { compress } from "./compression.ts";
import { encodeOnce } from "./encode-once.ts";
import { messageTooLarge } from "./message-errors.ts";
import { messagePrefixBytes } from "./message-reader.ts";

const prefixBuffer = new Uint8Array(messagePrefixBytes);

/** Encodes a message. Throws RESOURCE_EXHAUSTED when it is larger than `maxBytes`. */
export function encodeMessage<T extends DescMessage>(
  schema: T,
  init: MessageInitShape<T>,
  maxBytes: number,
): Uint8Array {
  const bytes = encodeOnce(schema, isMessage(init, schema) ? init : create(schema, init));
  if (bytes.length > maxBytes) throw messageTooLarge(maxBytes);
  return bytes;
}

/**
 * Sends one message, in gzip when it has `compressMinBytes` or more. False when the stream's queue is full.
 */
export function sendMessage(
  stream: Http2Stream,
  bytes: Uint8Array,
  compressMinBytes: number,
  isEnd = false,
): boolean {
  const isCompressed = bytes.length >= compressMinBytes;
  const body = isCompressed ? compress(bytes) : bytes;
  prefixBuffer[0] = isCompressed ? 1 : 0;
  writeUint32(prefixBuffer, 1, body.length);
  return stream.sendData(prefixBuffer, body, isEnd);
}
