import { type DescMessage, type Message, type MessageShape, toBinary } from "@bufbuild/protobuf";

const encodedMessages = new WeakMap<Message, Uint8Array>();
const notEncodedYet = new Uint8Array();

/**
 * Marks a message as immutable and sent to many streams: it is encoded once, and the bytes are kept as long
 * as the message. Returns the message.
 */
export function broadcastMessage<T extends Message>(message: T): T {
  encodedMessages.set(message, notEncodedYet);
  return message;
}

/** Encodes a message, or returns the cached bytes of a broadcast one; callers must not write to them. */
export function encodeOnce<T extends DescMessage>(schema: T, message: MessageShape<T>): Uint8Array {
  const known = encodedMessages.get(message);
  if (known === undefined) return toBinary(schema, message);
  if (known !== notEncodedYet) return known;
  const bytes = toBinary(schema, message);
  encodedMessages.set(message, bytes);
  return bytes;
}
