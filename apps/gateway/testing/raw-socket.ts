import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A TCP connection on which a test sends bytes that no HTTP client would. */
export type RawSocket = {
  readonly socket: Socket;
  write(text: string | Uint8Array): void;
  /** Resolves to all bytes received, once they contain the text or the server has closed. */
  readUntil(text?: string): Promise<string>;
};

/** Connects to a port of this machine. */
export async function connectRaw(port: number): Promise<RawSocket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  let received = "";
  socket.on("data", (chunk: Buffer) => {
    received += chunk.toString("latin1");
  });
  socket.on("error", () => undefined);
  return {
    socket,
    write: (text) => socket.write(text),
    readUntil: async (text) => {
      while (!socket.closed && !(text && received.includes(text))) {
        await Promise.race([once(socket, "data"), once(socket, "close")]);
      }
      return received;
    },
  };
}

/** Sends a text and returns all bytes received until the server closes. */
export async function roundTrip(port: number, text: string): Promise<string> {
  const raw = await connectRaw(port);
  raw.write(text);
  const answer = await raw.readUntil();
  raw.socket.destroy();
  return answer;
}
