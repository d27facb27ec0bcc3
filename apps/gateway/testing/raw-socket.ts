import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A connection on which a test says what no HTTP client would. */
export type RawSocket = {
  readonly socket: Socket;
  write(text: string | Uint8Array): void;
  /** All that was answered, once the other side has closed or it contains the text. */
  readUntil(text?: string): Promise<string>;
};

/** Opens a bare connection to a port of this machine. */
export async function connectRaw(port: number): Promise<RawSocket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  let answered = "";
  socket.on("data", (chunk: Buffer) => {
    answered += chunk.toString("latin1");
  });
  socket.on("error", () => undefined);
  return {
    socket,
    write: (text) => socket.write(text),
    readUntil: async (text) => {
      while (!socket.closed && !(text && answered.includes(text))) {
        await Promise.race([once(socket, "data"), once(socket, "close")]);
      }
      return answered;
    },
  };
}

/** Sends one text and answers all that comes back until the other side closes. */
export async function roundTrip(port: number, text: string): Promise<string> {
  const raw = await connectRaw(port);
  raw.write(text);
  const answer = await raw.readUntil();
  raw.socket.destroy();
  return answer;
}
