import { io, type Socket } from "socket.io-client";
import { forEachConcurrent, recordDelivery, runSubscribers } from "./subscribers.ts";
import { messageText } from "./worker-protocol.ts";

let sender: Socket;

runSubscribers({
  async join({ memberIds, senderId }, port) {
    sender = await connectMember(port, senderId);
    await forEachConcurrent(memberIds, 64, async (id) => {
      const socket = await connectMember(port, id);
      socket.on("entry", ({ chatId, seq }) => recordDelivery(chatId, seq));
    });
  },
  send: (chatId) => sender.emitWithAck("send", { chatId, text: messageText }),
});

async function connectMember(port: number, userId: string): Promise<Socket> {
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
