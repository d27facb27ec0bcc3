import { type DescMethod, fromBinary, type Message } from "@bufbuild/protobuf";
import { responseUndecodable } from "../calls/message-errors.ts";

/** Decodes a response message. Throws INTERNAL when it cannot be decoded. */
export function decodeResponse({ output }: DescMethod, bytes: Uint8Array): Message {
  try {
    return fromBinary(output, bytes);
  } catch {
    throw responseUndecodable();
  }
}
