import { Code } from "@connectrpc/connect";
import type { Message } from "@plaza/contract/chat/v1/messages";
import { errorMessage } from "../lib/error-messages.ts";
import { codeOf, isOutcomeUnknown, reasonOf } from "../lib/errors.ts";
import type { PendingMessage, PendingMessageStore } from "./pending-message-store.ts";

type SendMessage = (letter: PendingMessage, signal: AbortSignal) => Promise<Message>;

export type MessageSender = {
  /** Sends what is there now, without the rest of a pause. */
  retryNow(): void;
  /** Sends nothing any more. What is on its way may arrive. */
  stop(): void;
};

const maxRetryDelayMs = 30_000;

/**
 * Sends the letters of an outbox: of each chat one after the other, in the order in which they were written.
 * One whose answer fails to come is sent again under the same key, until there is an answer; one that is
 * refused waits for its writer, and those behind it go on.
 */
export function startMessageSender(
  outbox: PendingMessageStore,
  send: SendMessage,
  firstRetryDelayMs = 500,
): MessageSender {
  const stopping = new AbortController();
  const { signal } = stopping;
  const busy = new Set<string>();
  let wake = Promise.withResolvers<void>();

  const retryNow = () => {
    wake.resolve();
    wake = Promise.withResolvers();
  };
  const look = () => {
    for (const chatId of new Set(outbox.list().map((letter) => letter.chatId))) {
      if (!busy.has(chatId)) void empty(chatId);
    }
  };
  async function empty(chatId: string): Promise<void> {
    busy.add(chatId);
    let pauseMs = firstRetryDelayMs;
    for (let letter = next(chatId); letter && !signal.aborted; letter = next(chatId)) {
      const isAnswered = await deliver(letter);
      if (isAnswered) pauseMs = firstRetryDelayMs;
      else pauseMs = await pause(pauseMs);
    }
    busy.delete(chatId);
  }
  function next(chatId: string): PendingMessage | undefined {
    return outbox.list().find((one) => one.chatId === chatId && !one.refusal);
  }
  async function deliver(letter: PendingMessage): Promise<boolean> {
    try {
      const { seq } = await send(letter, signal);
      if (signal.aborted) return false;
      putBehind(letter.chatId, seq);
      outbox.remove(letter.key);
    } catch (error) {
      if (signal.aborted || isRetryable(error)) return false;
      // It may have been discarded meanwhile.
      if (next(letter.chatId)?.key === letter.key) {
        outbox.put({ ...letter, refusal: rejectionMessage(error) });
      }
    }
    return true;
  }
  /** What is sent next is said later: no earlier message can be it. */
  function putBehind(chatId: string, seq: number): void {
    for (const letter of outbox.list()) {
      if (letter.chatId === chatId && letter.afterSeq < seq)
        outbox.put({ ...letter, afterSeq: seq });
    }
  }
  async function pause(ms: number): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms * (0.75 + Math.random() / 2));
    await Promise.race([promise, wake.promise]);
    clearTimeout(timer);
    return Math.min(2 * ms, maxRetryDelayMs);
  }

  const unsubscribe = outbox.subscribe(look);
  look();
  return {
    retryNow,
    stop() {
      stopping.abort();
      unsubscribe();
      retryNow();
    },
  };
}

/** Whether to send the same again helps, sooner or later. */
function isRetryable(error: unknown): boolean {
  return isOutcomeUnknown(error) || retryableCodes.has(codeOf(error));
}

// Signing in again goes on with what was written before.
const retryableCodes = new Set([
  Code.ResourceExhausted,
  Code.Aborted,
  Code.Unauthenticated,
  Code.Canceled,
]);

function rejectionMessage(error: unknown): string {
  return reasonOf(error) === "KEY_REUSED" ? "This was sent before." : errorMessage(error);
}
