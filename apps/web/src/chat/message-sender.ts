import { Code } from "@connectrpc/connect";
import type { Message } from "@plaza/contract/chat/v1/messages";
import { createBackoff } from "../lib/backoff.ts";
import { errorMessage } from "../lib/error-message.ts";
import { codeOf, isOutcomeUnknown, reasonOf } from "../lib/errors.ts";
import { t } from "../lib/messages.ts";
import type { PendingMessage, PendingMessageStore } from "./pending-message-store.ts";

type SendMessage = (message: PendingMessage, signal: AbortSignal) => Promise<Message>;

export type MessageSender = {
  /** Ends a delay before a retry. */
  retryNow(): void;
  /** Stops sending. A request that is under way may still succeed. */
  stop(): void;
};

/**
 * Sends the messages of a store, one at a time and in order for each chat. When the outcome is unknown, it retries
 * with the same idempotency key. A rejected message stays in the store with its `refusal` and does not hold up the
 * next.
 */
export function startMessageSender(
  store: PendingMessageStore,
  send: SendMessage,
  firstRetryDelayMs = 500,
): MessageSender {
  const stopping = new AbortController();
  const { signal } = stopping;
  const busyChatIds = new Set<string>();
  let wake = Promise.withResolvers<void>();

  const retryNow = () => {
    wake.resolve();
    wake = Promise.withResolvers();
  };
  const sendAll = () => {
    for (const chatId of new Set(store.list().map((message) => message.chatId))) {
      if (!busyChatIds.has(chatId)) void sendChat(chatId);
    }
  };
  async function sendChat(chatId: string): Promise<void> {
    busyChatIds.add(chatId);
    const backoff = createBackoff(firstRetryDelayMs);
    for (let message = next(chatId); message && !signal.aborted; message = next(chatId)) {
      if (await deliver(message)) backoff.reset();
      else await backoff.wait(wake.promise);
    }
    busyChatIds.delete(chatId);
  }
  function next(chatId: string): PendingMessage | undefined {
    return store.list().find((message) => message.chatId === chatId && !message.refusal);
  }
  /** Sends a message; resolves to false when it is to be sent again. */
  async function deliver(message: PendingMessage): Promise<boolean> {
    try {
      const { seq } = await send(message, signal);
      if (signal.aborted) return false;
      raiseAfterSeq(message.chatId, seq);
      store.remove(message.key);
    } catch (error) {
      if (signal.aborted || isRetryable(error)) return false;
      // The member may have discarded it meanwhile.
      if (next(message.chatId)?.key === message.key) {
        store.put({ ...message, refusal: rejectionMessage(error) });
      }
    }
    return true;
  }
  /** Messages that are sent later get a higher seq, so that none is taken for this one. */
  function raiseAfterSeq(chatId: string, seq: number): void {
    for (const message of store.list()) {
      if (message.chatId === chatId && message.afterSeq < seq) {
        store.put({ ...message, afterSeq: seq });
      }
    }
  }

  const unsubscribe = store.subscribe(sendAll);
  sendAll();
  return {
    retryNow,
    stop() {
      stopping.abort();
      unsubscribe();
      retryNow();
    },
  };
}

/** Whether the same request can succeed when it is sent again. */
function isRetryable(error: unknown): boolean {
  return isOutcomeUnknown(error) || retryableCodes.has(codeOf(error));
}

// Unauthenticated among them: pending messages are sent after the member signs in again.
const retryableCodes = new Set([
  Code.ResourceExhausted,
  Code.Aborted,
  Code.Unauthenticated,
  Code.Canceled,
]);

function rejectionMessage(error: unknown): string {
  return reasonOf(error) === "KEY_REUSED"
    ? t("chat.pendingMessage.alreadySent")
    : errorMessage(error);
}
