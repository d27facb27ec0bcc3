// The chat service as a process of a split Plaza hosts it, with its commit times recorded.
import { createServer } from "@plaza/grpc/server";
import { readConfig } from "@plaza/kit/config";
import type { Pool } from "@plaza/kit/db/database";
import { createLocalTransport } from "@plaza/kit/rpc/local-transport";
import { type HostOptions, startHost } from "@plaza/kit/runtime/host";
import type { Service } from "@plaza/kit/runtime/service";
import { createStreamLogger } from "@plaza/kit/telemetry/log";
import { chat } from "../../services/chat/main.ts";
import { measureMemory, recordCommit, takeUsage } from "./resource-usage.ts";
import { serveWorker } from "./worker-process.ts";
import type { ChatSetup, ServerWorker } from "./worker-protocol.ts";

const chatWithCommitTimes: Service = {
  ...chat,
  create(deps) {
    const recorded = new Map<string, number>();
    const publish: typeof deps.pubsub.publish = (topic, line) => {
      if (topic === "advanced") {
        // Of several messages that were committed together, only the last seq is published.
        const [chatId = "", last] = line.split(" ");
        const before = recorded.get(chatId) ?? 0;
        for (let seq = before + 1; seq <= Number(last); seq += 1) recordCommit(chatId, seq);
        recorded.set(chatId, Math.max(before, Number(last)));
      }
      deps.pubsub.publish(topic, line);
    };
    // No other service runs whose events it could consume.
    return { ...chat.create({ ...deps, pubsub: { ...deps.pubsub, publish } }), eventHandlers: [] };
  },
};

const methods: ServerWorker = {
  async start(setup, target) {
    const emptyTransport = createLocalTransport([]);
    const options: HostOptions = {
      services: [chatWithCommitTimes],
      config: readConfig({}),
      log: createStreamLogger({ write: () => undefined }),
      database: () => target,
      transports: new Map([
        ["friends", emptyTransport],
        ["users", emptyTransport],
      ]),
      fetchJwks: async () => ({ keys: [setup.publicKey] }),
    };
    const host = await startHost(options);
    await insertChats(host.database("chat"), setup);
    host.startWorkers();
    const server = createServer({
      maxConnections: 20_000,
      routes: (router) => host.routes(router),
    });
    await server.listen({ port: 0 });
    return server.port;
  },
  usage: takeUsage,
  memory: measureMemory,
};
serveWorker(methods);

/** Creates the chats, of any size: only the calls that add members enforce a limit. */
async function insertChats(db: Pool, { chats, senderId }: ChatSetup): Promise<void> {
  for (const { id, memberIds } of chats) {
    const count = memberIds.length + 1;
    await db`
      insert into chat (id, kind, title, last_seq, message_count, member_count, create_time, active_time)
      values (${id}, 'group', 'A group', 0, 0, ${count}, now(), now())`;
    await db`
      insert into membership (chat_id, user_id, from_seq, role, read_number)
      select ${id}, user_id, 1, 'member', 0 from unnest(${[senderId, ...memberIds]}::uuid[]) as user_id`;
  }
  await db`analyze chat, membership`;
}
