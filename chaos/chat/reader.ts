import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Entry } from "@plaza/contract/chat/v1/stream";
import type { Random } from "../base/seeded-random.ts";
import { isTrouble, type Person } from "./client.ts";
import { type History, note, type Told } from "./history.ts";

const longestStayMs = 3_000;
const pauseMs = 20;

/** Follows all chats, goes away at any moment and comes again with what it knows, until the signal aborts. */
export async function read(
  person: Person,
  history: History,
  random: Random,
  over: AbortSignal,
): Promise<void> {
  const told: Told = { userId: person.id, seqs: new Map() };
  const positions = new Map<string, number>();
  history.told.push(told);
  while (!over.aborted) {
    const leaving = AbortSignal.timeout(random.below(longestStayMs));
    const signal = AbortSignal.any([over, leaving]);
    const since = Array.from(positions, ([chatId, seq]) => `${chatId}:${seq}`);
    history.subscribed += 1;
    try {
      const chats = await person.chats();
      for await (const { event } of chats.subscribe({ since, fromBeginning: true }, { signal })) {
        if (event.case !== "entry") continue;
        note(history, told, event.value);
        positions.set(event.value.chatId, event.value.seq);
      }
    } catch (error) {
      if (signal.aborted) continue;
      history.cutOff += 1;
      if (ConnectError.from(error).code === Code.Unauthenticated) person.signOut();
      if (!isTrouble(error)) history.surprises.push(`subscribe: ${error}`);
      await sleep(pauseMs);
    }
  }
}

/** Reads all logs from their first entries to their ends. */
export async function readLogs(person: Person): Promise<Map<string, Entry[]>> {
  for (;;) {
    try {
      const logs = new Map<string, Entry[]>();
      const chats = await person.chats();
      for await (const { event } of chats.subscribe({ fromBeginning: true })) {
        if (event.case === "heartbeat") return logs;
        if (event.case !== "entry") continue;
        const { chatId } = event.value;
        logs.getOrInsertComputed(chatId, () => []).push(event.value);
      }
    } catch (error) {
      if (!isTrouble(error)) throw error;
      if (ConnectError.from(error).code === Code.Unauthenticated) person.signOut();
      await sleep(pauseMs);
    }
  }
}
