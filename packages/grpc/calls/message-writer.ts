import { create, type DescMessage, isMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { writeUint32 } from "../http2/frames.ts";
import type { Stream } from "../http2/stream.ts";
import { compress, tooLarge } from "./compression.ts";
import { encoded } from "./encode-once.ts";
import { prefixBytes } from "./message-reader.ts";

const prefix = new Uint8Array(prefixBytes);

/** Encodes a message. Throws RESOURCE_EXHAUSTED when it is larger than `maxBytes`. */
export function encodeMessage<T extends DescMessage>(
  schema: T,
  init: MessageInitShape<T>,
  maxBytes: number,
): Uint8Array {
  const bytes = encoded(schema, isMessage(init, schema) ? init : create(schema, init));
  if (bytes.length > maxBytes) throw tooLarge(maxBytes);
  return bytes;
}

/**
 * Sends one message, in gzip when it has `gzipFrom` bytes or more. False when the stream's queue is full.
 */
export function sendMessage(
  stream: Stream,
  bytes: Uint8Array,
  gzipFrom: number,
  isEnd = false,
): boolean {
  const isCompressed = bytes.length >= gzipFrom;
  const body = isCompressed ? compress(bytes) : bytes;
  prefix[0] = isCompressed ? 1 : 0;
  writeUint32(prefix, 1, body.length);
  return stream.sendData(prefix, body, isEnd);
}
