import { type DescMessage, type Message, type MessageShape, toBinary } from "@bufbuild/protobuf";

const encodedMessages = new WeakMap<Message, Uint8Array>();
const notEncodedYet = new Uint8Array();

/**
 * Says that a message goes out to many and does not change any more, and answers it. It is encoded once, for
 * all streams that it is sent to, and that is kept as long as the message is. In all else it stays a message
 * like any other.
 */
export function broadcastMessage<T extends Message>(message: T): T {
  encodedMessages.set(message, notEncodedYet);
  return message;
}

/** Encodes a message, or answers what one that is shared was encoded to; nobody may write to that. */
export function encodeOnce<T extends DescMessage>(schema: T, message: MessageShape<T>): Uint8Array {
  const known = encodedMessages.get(message);
  if (known === undefined) return toBinary(schema, message);
  if (known !== notEncodedYet) return known;
  const bytes = toBinary(schema, message);
  encodedMessages.set(message, bytes);
  return bytes;
}
