import { randomUUID } from "node:crypto";
import { type Client, createClient } from "@connectrpc/connect";
import { ChatService } from "@plaza/contract/chat/v1/chat";
import { createGrpcTransport } from "@plaza/grpc/transport";
import { signAuthorization } from "../base/access-token.ts";
import { forEachConcurrent, recordDelivery, runSubscribers } from "./subscribers.ts";
import { messageText } from "./worker-protocol.ts";

type ChatClient = Client<typeof ChatService>;

let sendMessage: (chatId: string) => Promise<unknown>;

runSubscribers({
  async join(setup, port, connections) {
    const address = `http://127.0.0.1:${port}`;
    const clients = Array.from({ length: connections + 1 }, () =>
      createClient(ChatService, createGrpcTransport({ address, maxConnections: 1 })),
    );
    const sender = clients.pop() as ChatClient;
    const headersOf = async (userId: string) => ({
      authorization: await signAuthorization(setup.privateKey, userId),
    });
    const senderHeaders = await headersOf(setup.senderId);
    sendMessage = (chatId) =>
      sender.sendMessage(
        { chatId, text: messageText, idempotencyKey: randomUUID() },
        { headers: senderHeaders },
      );
    await forEachConcurrent(setup.memberIds, 64, async (id, index) => {
      const chats = clients[index % connections] as ChatClient;
      const live = Promise.withResolvers<void>();
      // A stream that ends later ends this process: the others would wait for its deliveries for ever.
      void subscribe(chats, await headersOf(id), live.resolve).catch((error: unknown) => {
        live.reject(error);
        throw error;
      });
      await live.promise;
    });
  },
  send: (chatId) => sendMessage(chatId),
});

async function subscribe(
  chats: ChatClient,
  headers: HeadersInit,
  onLive: () => void,
): Promise<void> {
  for await (const { event } of chats.subscribe({ signals: true }, { headers })) {
    if (event.case === "entry") recordDelivery(event.value.chatId, event.value.seq);
    else if (event.case === "heartbeat") onLive();
  }
  throw new Error("a stream has ended");
}
