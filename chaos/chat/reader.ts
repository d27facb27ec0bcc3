import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Entry } from "@plaza/contract/chat/v1/stream";
import type { SeededRandom } from "../base/seeded-random.ts";
import { type ChatUser, isRetryable } from "./client.ts";
import { type ChatHistory, type ReaderLog, recordEntry } from "./history.ts";

const maxSubscriptionMs = 3_000;
const retryDelayMs = 20;

/** Follows all chats, goes away at any moment and comes again with what it knows, until the signal aborts. */
export async function runReader(
  person: ChatUser,
  history: ChatHistory,
  random: SeededRandom,
  stopped: AbortSignal,
): Promise<void> {
  const told: ReaderLog = { userId: person.id, seqs: new Map() };
  const positions = new Map<string, number>();
  history.readerLogs.push(told);
  while (!stopped.aborted) {
    const leaving = AbortSignal.timeout(random.nextInt(maxSubscriptionMs));
    const signal = AbortSignal.any([stopped, leaving]);
    const since = Array.from(positions, ([chatId, seq]) => `${chatId}:${seq}`);
    history.subscriptions += 1;
    try {
      const chats = await person.client();
      for await (const { event } of chats.subscribe({ since, fromBeginning: true }, { signal })) {
        if (event.case !== "entry") continue;
        recordEntry(history, told, event.value);
        positions.set(event.value.chatId, event.value.seq);
      }
    } catch (error) {
      if (signal.aborted) continue;
      history.disconnects += 1;
      if (ConnectError.from(error).code === Code.Unauthenticated) person.discardToken();
      if (!isRetryable(error)) history.unexpectedErrors.push(`subscribe: ${error}`);
      await sleep(retryDelayMs);
    }
  }
}

/** Reads all logs from their first entries to their ends. */
export async function readLogs(person: ChatUser): Promise<Map<string, Entry[]>> {
  for (;;) {
    try {
      const logs = new Map<string, Entry[]>();
      const chats = await person.client();
      for await (const { event } of chats.subscribe({ fromBeginning: true })) {
        if (event.case === "heartbeat") return logs;
        if (event.case !== "entry") continue;
        const { chatId } = event.value;
        logs.getOrInsertComputed(chatId, () => []).push(event.value);
      }
    } catch (error) {
      if (!isRetryable(error)) throw error;
      if (ConnectError.from(error).code === Code.Unauthenticated) person.discardToken();
      await sleep(retryDelayMs);
    }
  }
}
