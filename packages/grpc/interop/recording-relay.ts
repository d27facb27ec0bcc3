import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { gunzipSync } from "node:zlib";

/** How one gRPC message was sent: uncompressed, as valid gzip, or malformed. */
export type ObservedEncoding = "plain" | "gzip" | "broken";

/** A TCP relay in front of a server, which records the messages and alters nothing. */
export type RecordingRelay = {
  readonly port: number;
  /** Returns how the messages in this direction were sent, since the last call. */
  takeEncodings(direction: "request" | "reply"): ObservedEncoding[];
  close(): Promise<void>;
};

const prefaceBytes = 24;
const frameHeaderBytes = 9;
const dataFrame = 0;
const paddedFlag = 8;
const messageHeaderBytes = 5;

/** Starts a relay to a server on this machine. */
export async function startRecordingRelay(serverPort: number): Promise<RecordingRelay> {
  const seen = { request: [] as ObservedEncoding[], reply: [] as ObservedEncoding[] };
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = connect({
      port: serverPort,
      host: "127.0.0.1",
      allowHalfOpen: true,
      noDelay: true,
    });
    for (const socket of [client, upstream]) sockets.add(socket);
    pipeRecorded(client, upstream, messageReader(prefaceBytes, seen.request));
    pipeRecorded(upstream, client, messageReader(0, seen.reply));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    takeEncodings: (direction) => seen[direction].splice(0),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function pipeRecorded(from: Socket, to: Socket, read: (chunk: Buffer) => void) {
  from.on("data", read);
  from.pipe(to);
  from.on("error", () => to.destroy());
  from.on("close", () => to.destroySoon());
}

/** Reads HTTP/2 frames out of chunks, and of the DATA frames of each stream its gRPC messages. */
function messageReader(skippedBytes: number, seen: ObservedEncoding[]): (chunk: Buffer) => void {
  const bodies = new Map<number, Buffer>();
  let rest = Buffer.alloc(0);
  let skip = skippedBytes;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    if (rest.length < skip) return;
    rest = rest.subarray(skip);
    skip = 0;
    while (rest.length >= frameHeaderBytes) {
      const end = frameHeaderBytes + rest.readUIntBE(0, 3);
      if (rest.length < end) return;
      if (rest[3] === dataFrame) {
        const stream = rest.readUInt32BE(5);
        const body = Buffer.concat([bodies.get(stream) ?? Buffer.alloc(0), dataOf(rest, end)]);
        bodies.set(stream, takeMessages(body, seen));
      }
      rest = rest.subarray(end);
    }
  };
}

function dataOf(frame: Buffer, end: number): Buffer {
  if ((frame.readUInt8(4) & paddedFlag) === 0) return frame.subarray(frameHeaderBytes, end);
  return frame.subarray(frameHeaderBytes + 1, end - frame.readUInt8(frameHeaderBytes));
}

/** Records the whole messages at the start of a body; returns the rest. */
function takeMessages(body: Buffer, seen: ObservedEncoding[]): Buffer {
  let rest = body;
  while (rest.length >= messageHeaderBytes) {
    const end = messageHeaderBytes + rest.readUInt32BE(1);
    if (rest.length < end) break;
    seen.push(encodingOf(rest.readUInt8(0), rest.subarray(messageHeaderBytes, end)));
    rest = rest.subarray(end);
  }
  return rest;
}

function encodingOf(flag: number, message: Buffer): ObservedEncoding {
  if (flag === 0) return "plain";
  try {
    gunzipSync(message);
    return flag === 1 ? "gzip" : "broken";
  } catch {
    return "broken";
  }
}
