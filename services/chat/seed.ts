import { UserService } from "@plaza/contract/users/v1/users";
import { findUserIds } from "@plaza/kit/clients/users";
import type { Deps } from "@plaza/kit/runtime/service";
import { demoChats } from "./demo-chats.ts";
import { newDirectChat, newGroupChat } from "./domain/chat.ts";
import { hasChats } from "./store/chats.ts";
import { createChat } from "./use-cases/create-chat.ts";
import { sendMessages } from "./use-cases/send-messages.ts";

const demoIntervalMs = 17 * 60 * 1_000;

/** Inserts the demo chats between the demo accounts that exist, unless there are chats. */
export async function seed({
  db,
  newId,
  now,
  client,
}: Pick<Deps, "db" | "newId" | "now" | "client">): Promise<void> {
  if (await hasChats(db)) return;
  const nicknames = demoChats.flatMap(({ people }) => people);
  const ids = await findUserIds(client(UserService), nicknames);
  for (const { title, people, lines } of demoChats) {
    const members = people.flatMap((nickname) => ids.get(nickname) ?? []);
    const [first, second] = members;
    if (!first || !second) continue;
    const startMs = now().getTime() - (lines.length + 1) * demoIntervalMs;
    const chat = title
      ? newGroupChat(newId(), title, members.length, new Date(startMs))
      : newDirectChat(newId(), first, second, new Date(startMs));
    // The key keeps two processes that seed at the same time from inserting it twice.
    const key = title ? { key: "demo", digest: title } : undefined;
    await db.begin(async (tx) => {
      if (!(await createChat(tx, chat, first, members, key))) return;
      for (const [index, [nickname, text]] of lines.entries()) {
        const senderId = ids.get(nickname);
        if (!senderId) continue;
        const request = { idempotencyKey: `demo ${index}`, requestDigest: text, replyToSeq: 0 };
        const draft = { chatId: chat.id, senderId, text, ...request };
        await sendMessages(tx, [draft], new Date(startMs + (index + 1) * demoIntervalMs));
      }
    });
  }
}
