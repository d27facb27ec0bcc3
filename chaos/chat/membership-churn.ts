import { setTimeout as sleep } from "node:timers/promises";
import type { SeededRandom } from "../base/seeded-random.ts";
import { type ChatUser, retryUntilAnswered } from "./client.ts";
import type { ChatHistory } from "./history.ts";
import type { ChatUsers } from "./users.ts";
import type { WriterTask } from "./writer.ts";

const maxAbsenceMs = 100;

/** Removes random readers from random chats and adds them again, until `isOver`; at the end all are members. */
export async function churnMembers(
  owner: ChatUser,
  readers: ChatUsers["readers"],
  { chatIds, isOver }: WriterTask,
  history: ChatHistory,
  random: SeededRandom,
): Promise<void> {
  while (!isOver()) {
    const [chatId, { id: userId }] = [random.pick(chatIds), random.pick(readers)];
    await retryUntilAnswered(owner, history, random, (chats) =>
      chats.removeMember({ chatId, userId }),
    );
    history.removals += 1;
    await sleep(random.nextInt(maxAbsenceMs));
    await retryUntilAnswered(owner, history, random, (chats) =>
      chats.addMembers({ chatId, userIds: [userId] }),
    );
  }
}
