import { io, type Socket } from "socket.io-client";
import { attend, each, heard } from "./subscribers.ts";
import { text } from "./worker-protocol.ts";

let sender: Socket;

attend({
  async join({ memberIds, senderId }, port) {
    sender = await connected(port, senderId);
    await each(memberIds, 64, async (id) => {
      const socket = await connected(port, id);
      socket.on("entry", ({ chatId, seq }) => heard(chatId, seq));
    });
  },
  send: (chatId) => sender.emitWithAck("send", { chatId, text }),
});

async function connected(port: number, userId: string): Promise<Socket> {
  const socket = io(`http://127.0.0.1:${port}`, {
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
    auth: { userId },
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve).once("connect_error", reject);
  });
  return socket;
}
