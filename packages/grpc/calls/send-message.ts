import type { Stream } from "../http2/stream.ts";
import { prefixBytes } from "./message-reader.ts";

const prefix = new Uint8Array(prefixBytes);

/** Sends one message. False when the stream's queue is full. */
export function sendMessage(
  stream: Stream,
  bytes: Uint8Array,
  isCompressed: boolean,
  isEnd: boolean,
): boolean {
  prefix[0] = isCompressed ? 1 : 0;
  prefix[1] = bytes.length >>> 24;
  prefix[2] = bytes.length >>> 16;
  prefix[3] = bytes.length >>> 8;
  prefix[4] = bytes.length;
  return stream.sendData(prefix, bytes, isEnd);
}
