import { randomUUID } from "node:crypto";
import type { SeededRandom } from "../base/seeded-random.ts";
import { type ChatUser, retryUntilAnswered } from "./client.ts";
import type { ChatHistory } from "./history.ts";

/** The chats to write to, and when to stop. */
export type WriterTask = {
  readonly chatIds: readonly [string, ...string[]];
  isOver(): boolean;
};

/** Sends messages to random chats until `isOver`; repeats some of them, as after a lost response. */
export async function runWriter(
  user: ChatUser,
  { chatIds, isOver }: WriterTask,
  history: ChatHistory,
  random: SeededRandom,
): Promise<void> {
  while (!isOver()) {
    const text = randomUUID();
    const request = { chatId: random.pick(chatIds), text, idempotencyKey: text };
    const send = () =>
      retryUntilAnswered(user, history, random, (chats, signal) =>
        chats.sendMessage(request, { signal }),
      );
    const { seq, chatId } = await send();
    history.acknowledged.push({ chatId, seq, text });
    if (random.nextInt(50) > 0) continue;
    const again = await send();
    if (again.seq !== seq)
      history.unexpectedErrors.push(`${chatId}: ${text} at ${seq} and ${again.seq}`);
  }
}
