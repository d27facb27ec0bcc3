import { setTimeout as sleep } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Entry } from "@plaza/contract/chat/v1/stream";
import { type ChatLogs, visibleSeqs } from "./checker.ts";
import { type ChatUser, isRetryable } from "./client.ts";
import type { ChatHistory } from "./history.ts";

const retryDelayMs = 20;
const pollIntervalMs = 50;

/** Reads all logs of a user's chats from their first entries to their ends. */
export async function readLogs(user: ChatUser): Promise<ChatLogs> {
  for (;;) {
    user.signal.throwIfAborted();
    try {
      const logs = new Map<string, Entry[]>();
      const chats = await user.client();
      const request = { fromBeginning: true };
      for await (const { event } of chats.subscribe(request, { signal: user.signal })) {
        if (event.case === "heartbeat") return logs;
        if (event.case !== "entry") continue;
        logs.getOrInsertComputed(event.value.chatId, () => []).push(event.value);
      }
    } catch (error) {
      if (!isRetryable(error)) throw error;
      if (ConnectError.from(error).code === Code.Unauthenticated) user.discardToken();
      await sleep(retryDelayMs);
    }
  }
}

type CatchUpOptions = {
  readonly catchUpMs: number;
  readonly isDecided: () => boolean;
  readonly signal: AbortSignal;
};

/** Waits until every reader has received the end of every log, until `isDecided`, or for `catchUpMs`. */
export async function waitForCatchUp(
  { readerLogs }: ChatHistory,
  logs: ChatLogs,
  { catchUpMs, isDecided, signal }: CatchUpOptions,
): Promise<void> {
  const ends = readerLogs.flatMap(({ userId, seqs }) =>
    Array.from(logs, ([chatId, log]) => ({
      received: () => seqs.get(chatId),
      last: visibleSeqs(userId, log).at(-1),
    })),
  );
  const isBehind = ({ received, last }: (typeof ends)[number]) =>
    last && !received()?.includes(last, -5);
  for (const deadline = Date.now() + catchUpMs; ends.some(isBehind) && Date.now() < deadline; ) {
    if (isDecided()) return;
    await sleep(pollIntervalMs, undefined, { signal });
  }
}
