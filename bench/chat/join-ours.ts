import { randomUUID } from "node:crypto";
import { type Client, createClient } from "@connectrpc/connect";
import { ChatService } from "@plaza/contract/chat/v1/chat";
import { createGrpcTransport } from "@plaza/grpc/transport";
import { tokenIssuer } from "@plaza/kit/identity/authenticator";
import { importJWK, SignJWT } from "jose";
import { attend, each, heard } from "./subscribers.ts";
import { type Plan, text } from "./worker-protocol.ts";

type Chats = Client<typeof ChatService>;

let say: (chatId: string) => Promise<unknown>;

attend({
  async join(plan, port, connections) {
    const address = `http://127.0.0.1:${port}`;
    const clients = Array.from({ length: connections + 1 }, () =>
      createClient(ChatService, createGrpcTransport({ address, maxConnections: 1 })),
    );
    const sender = clients.pop() as Chats;
    const tokenOf = await signing(plan);
    const senderToken = await tokenOf(plan.senderId);
    say = (chatId) =>
      sender.sendMessage({ chatId, text, idempotencyKey: randomUUID() }, { headers: senderToken });
    await each(plan.memberIds, 64, async (id, index) => {
      const chats = clients[index % connections] as Chats;
      const live = Promise.withResolvers<void>();
      listen(chats, await tokenOf(id), live.resolve).catch(live.reject);
      await live.promise;
    });
  },
  send: (chatId) => say(chatId),
});

async function listen(chats: Chats, headers: HeadersInit, onLive: () => void): Promise<void> {
  for await (const { event } of chats.subscribe({ signals: true }, { headers })) {
    if (event.case === "entry") heard(event.value.chatId, event.value.seq);
    else if (event.case === "heartbeat") onLive();
  }
  throw new Error("a stream has ended");
}

async function signing({ privateKey }: Plan): Promise<(id: string) => Promise<HeadersInit>> {
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
