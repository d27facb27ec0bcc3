import { randomUUID } from "node:crypto";
import type { Random } from "../base/seeded-random.ts";
import { type Person, settle } from "./client.ts";
import type { History } from "./history.ts";

/** What is to be written, and where. */
export type Work = {
  readonly chatIds: readonly [string, ...string[]];
  /** Whether enough has been said. */
  isOver(): boolean;
};

/** Says one thing after the other in any of the chats, and at times the same again, as after a lost answer. */
export async function write(
  person: Person,
  { chatIds, isOver }: Work,
  history: History,
  random: Random,
): Promise<void> {
  while (!isOver()) {
    const text = randomUUID();
    const request = { chatId: random.pick(chatIds), text, idempotencyKey: text };
    const send = () =>
      settle(person, history, random, (chats, signal) => chats.sendMessage(request, { signal }));
    const { seq, chatId } = await send();
    history.said.push({ chatId, seq, text });
    if (random.below(50) > 0) continue;
    const again = await send();
    if (again.seq !== seq) history.surprises.push(`${chatId}: ${text} at ${seq} and ${again.seq}`);
  }
}
