// `greedy-client.ts <port> <connections>` keeps a stream of each connection full of empty messages, at little cost of
// its own, until it is killed.
import { beginCall, connectRaw, data } from "./raw-client.ts";

const [port, connections] = process.argv.slice(2).map(Number);
const windowUpdate = 8;
const headerBytes = 9;
const messages = data(1, Buffer.alloc(5 * 3_200));

for (let n = 0; n < (connections ?? 1); n++) {
  const socket = await connectRaw(port ?? 0, 2 ** 31 - 1);
  let window = 65_535;
  let unread = Buffer.alloc(0);
  const fill = () => {
    for (; window >= messages.length - headerBytes; window -= messages.length - headerBytes) {
      socket.write(messages);
    }
  };
  socket.on("data", (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk]);
    let at = 0;
    for (; unread.length - at >= headerBytes; ) {
      const length = unread.readUIntBE(at, 3);
      if (unread.length - at < headerBytes + length) break;
      const isGrant = unread[at + 3] === windowUpdate && unread.readUInt32BE(at + 5) === 1;
      if (isGrant) window += unread.readUInt32BE(at + headerBytes);
      at += headerBytes + length;
    }
    unread = unread.subarray(at);
    fill();
  });
  socket.write(beginCall(1, "StreamingInputCall"));
  fill();
}
