import { randomUUID } from "node:crypto";
import { type Client, createClient } from "@connectrpc/connect";
import { ChatService } from "@plaza/contract/chat/v1/chat";
import { createGrpcTransport } from "@plaza/grpc/transport";
import { tokenIssuer } from "@plaza/kit/identity/authenticator";
import { importJWK, SignJWT } from "jose";
import { forEachConcurrent, recordDelivery, runSubscribers } from "./subscribers.ts";
import { type ChatSetup, messageText } from "./worker-protocol.ts";

type ChatClient = Client<typeof ChatService>;

let sendMessage: (chatId: string) => Promise<unknown>;

runSubscribers({
  async join(plan, port, connections) {
    const address = `http://127.0.0.1:${port}`;
    const clients = Array.from({ length: connections + 1 }, () =>
      createClient(ChatService, createGrpcTransport({ address, maxConnections: 1 })),
    );
    const sender = clients.pop() as ChatClient;
    const tokenOf = await createTokenSigner(plan);
    const senderToken = await tokenOf(plan.senderId);
    sendMessage = (chatId) =>
      sender.sendMessage(
        { chatId, text: messageText, idempotencyKey: randomUUID() },
        { headers: senderToken },
      );
    await forEachConcurrent(plan.memberIds, 64, async (id, index) => {
      const chats = clients[index % connections] as ChatClient;
      const live = Promise.withResolvers<void>();
      subscribe(chats, await tokenOf(id), live.resolve).catch(live.reject);
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

async function createTokenSigner({
  privateKey,
}: ChatSetup): Promise<(id: string) => Promise<HeadersInit>> {
  const key = await importJWK(privateKey);
  return async (id) => {
    const token = new SignJWT({ sid: id, roles: ["member"] })
      .setProtectedHeader({ alg: "EdDSA", kid: "bench", typ: "at+jwt" })
      .setIssuer(tokenIssuer)
      .setAudience(tokenIssuer)
      .setSubject(id)
      .setExpirationTime("1h");
    return { authorization: `Bearer ${await token.sign(key)}` };
  };
}
