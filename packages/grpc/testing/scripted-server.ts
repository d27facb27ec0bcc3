import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import {
  CLIENT_PREFACE_MAGIC,
  settings,
  settingsAck,
  splitFrames,
  windowUpdate,
} from "./frames.ts";
import { endsStream } from "./script.ts";

/** A server that sends the same kind of bytes behind every call. */
export type ScriptedServer = {
  readonly address: string;
  close(): void;
};

const serverPreface = Buffer.concat([settings(), settingsAck, windowUpdate(0, 2 ** 30)]);

/** Serves on a free port: answers each whole call with the bytes that `answerTo` gives for its stream. */
export async function startScriptedServer(
  answerTo: (stream: number) => Uint8Array,
): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).write(serverPreface);
    let unread: Buffer | undefined;
    socket.on("data", (bytes: Buffer) => {
      // A client's first write is longer than its preface.
      const all = unread
        ? Buffer.concat([unread, bytes])
        : bytes.subarray(CLIENT_PREFACE_MAGIC.length);
      const { frames, rest } = splitFrames(all);
      unread = rest;
      for (const frame of frames) if (endsStream(frame)) socket.write(answerTo(frame.stream));
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
