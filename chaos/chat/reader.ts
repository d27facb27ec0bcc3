import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import type { SeededRandom } from "../base/seeded-random.ts";
import { type ChatUser, isRetryable } from "./client.ts";
import { type ChatHistory, type ReaderLog, recordEntry } from "./history.ts";

const maxSubscriptionMs = 3_000;
const retryDelayMs = 20;

/** Subscribes to all chats; unsubscribes at random moments and resumes from the last seqs, until the signal aborts. */
export async function runReader(
  user: ChatUser,
  history: ChatHistory,
  random: SeededRandom,
  stopped: AbortSignal,
): Promise<void> {
  const log: ReaderLog = { userId: user.id, seqs: new Map() };
  const lastSeqs = new Map<string, number>();
  history.readerLogs.push(log);
  while (!stopped.aborted) {
    user.signal.throwIfAborted();
    const leaving = AbortSignal.timeout(random.nextInt(maxSubscriptionMs));
    const signal = AbortSignal.any([stopped, leaving, user.signal]);
    const since = Array.from(lastSeqs, ([chatId, seq]) => `${chatId}:${seq}`);
    history.subscriptions += 1;
    try {
      const chats = await user.client();
      for await (const { event } of chats.subscribe({ since, fromBeginning: true }, { signal })) {
        if (event.case !== "entry") continue;
        recordEntry(history, log, event.value);
        lastSeqs.set(event.value.chatId, event.value.seq);
      }
    } catch (error) {
      if (signal.aborted) continue;
      history.disconnects += 1;
      if (ConnectError.from(error).code === Code.Unauthenticated) user.discardToken();
      if (!isRetryable(error)) history.unexpectedErrors.push(`subscribe: ${error}`);
      await sleep(retryDelayMs);
    }
  }
}
