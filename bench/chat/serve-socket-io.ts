// The chat of Socket.IO's documentation, with its advice on speed and memory: rooms in memory, WebSocket from
// the start, no compression, the reference to the first request dropped.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { measureMemory, recordCommit, takeUsage } from "./resource-usage.ts";
import { serveWorker } from "./worker-process.ts";
import type { ServerWorker } from "./worker-protocol.ts";

const methods: ServerWorker = {
  async start({ chats }) {
    const server = createServer();
    const io = new Server(server, {
      transports: ["websocket"],
      perMessageDeflate: false,
      httpCompression: false,
      serveClient: false,
    });
    io.engine.on("connection", (socket) => {
      socket.request = null;
    });
    const rooms = new Map<string, string[]>();
    for (const { id, memberIds } of chats) {
      for (const userId of memberIds) rooms.getOrInsertComputed(userId, () => []).push(id);
    }
    const seqs = new Map<string, number>();
    io.on("connection", (socket) => {
      const { userId } = socket.handshake.auth;
      void socket.join(rooms.get(userId) ?? []);
      socket.on("send", ({ chatId, text }, acknowledge) => {
        const seq = (seqs.get(chatId) ?? 0) + 1;
        seqs.set(chatId, seq);
        const createTime = new Date();
        const message = { chatId, seq, number: seq, senderId: userId, text, createTime };
        const about = { type: "POSTED", userId, messageSeq: seq, message, createTime };
        recordCommit(chatId, seq);
        io.to(chatId).emit("entry", { chatId, seq, ...about });
        acknowledge(message);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  },
  usage: takeUsage,
  memory: measureMemory,
};
serveWorker(methods);
