import type { Readable, Writable } from "node:stream";

const prefixBytes = 4;

/** Splits what the suite writes into messages: each has its size before it, in four bytes. */
export async function* readMessages(input: Readable): AsyncGenerator<Uint8Array> {
  let pending = Buffer.alloc(0);
  for await (const chunk of input as AsyncIterable<Buffer>) {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      if (pending.length < prefixBytes) break;
      const end = prefixBytes + pending.readUInt32BE();
      if (pending.length < end) break;
      yield pending.subarray(prefixBytes, end);
      pending = pending.subarray(end);
    }
  }
}

/** Writes a message with its size before it. */
export function writeMessage(output: Writable, message: Uint8Array): void {
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(message.length);
  output.write(Buffer.concat([prefix, message]));
}
