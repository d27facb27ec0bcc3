import { once } from "node:events";
import { connect, type Socket } from "node:net";

const frameType = { data: 0, headers: 1, settings: 4, windowUpdate: 8, unknown: 0x77 } as const;
const endHeaders = 4;
const endStream = 1;
const initialWindowSize = 4;

/** An HTTP/2 frame. */
function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header.writeUInt8(type, 3);
  header.writeUInt8(flags, 4);
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

/** The beginning of a call of a method of the test service. */
export function beginCall(stream: number, method: string): Buffer {
  const fields = [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", `/grpc.testing.TestService/${method}`],
    [":authority", "a"],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
  ];
  const literal = (text = "") => Buffer.concat([Buffer.of(text.length), Buffer.from(text)]);
  const block = fields.map(([name, value]) =>
    Buffer.concat([Buffer.of(0), literal(name), literal(value)]),
  );
  return frame(frameType.headers, endHeaders, stream, Buffer.concat(block));
}

/** A message, the last one of its call or a part of it. */
export function data(stream: number, bytes: Uint8Array, isEnd = false): Buffer {
  return frame(frameType.data, isEnd ? endStream : 0, stream, bytes);
}

/** Nearly as many bytes as one read of a socket brings, in frames that a server ignores. */
export const filler = Buffer.concat(
  Array.from({ length: 4 }, () => frame(frameType.unknown, 0, 0, Buffer.alloc(16_000))),
);

/** Connects without ever granting more window than given; what comes is dropped. */
export async function connectRaw(port: number, window = 65_535): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").setNoDelay(true);
  socket.on("error", () => undefined).resume();
  await once(socket, "connect");
  const setting = Buffer.alloc(6);
  setting.writeUInt16BE(initialWindowSize, 0);
  setting.writeUInt32BE(window, 2);
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  socket.write(frame(frameType.settings, 0, 0, setting));
  socket.write(frame(frameType.settings, 1, 0, Buffer.alloc(0)));
  return socket;
}

/** Writes, and waits until the kernel has taken it. */
export async function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
}
