import { randomUUID } from "node:crypto";
import type { SeededRandom } from "../base/seeded-random.ts";
import { type ChatUser, retryUntilAnswered } from "./client.ts";
import type { ChatHistory } from "./history.ts";

/** What is to be written, and where. */
export type WriterTask = {
  readonly chatIds: readonly [string, ...string[]];
  /** Whether enough has been said. */
  isOver(): boolean;
};

/** Says one thing after the other in any of the chats, and at times the same again, as after a lost answer. */
export async function runWriter(
  person: ChatUser,
  { chatIds, isOver }: WriterTask,
  history: ChatHistory,
  random: SeededRandom,
): Promise<void> {
  while (!isOver()) {
    const text = randomUUID();
    const request = { chatId: random.pick(chatIds), text, idempotencyKey: text };
    const send = () =>
      retryUntilAnswered(person, history, random, (chats, signal) =>
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
