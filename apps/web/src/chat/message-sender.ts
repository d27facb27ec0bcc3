import { Code } from "@connectrpc/connect";
import type { Message } from "@plaza/contract/chat/v1/messages";
import { codeOf, describe, isUnanswered, reasonOf } from "../lib/errors.ts";
import type { Letter, Outbox } from "./pending-message-store.ts";

type Send = (letter: Letter, signal: AbortSignal) => Promise<Message>;

export type Sending = {
  /** Sends what is there now, without the rest of a pause. */
  hurry(): void;
  /** Sends nothing any more. What is on its way may arrive. */
  stop(): void;
};

const longestPauseMs = 30_000;

/**
 * Sends the letters of an outbox: of each chat one after the other, in the order in which they were written.
 * One whose answer fails to come is sent again under the same key, until there is an answer; one that is
 * refused waits for its writer, and those behind it go on.
 */
export function startSending(outbox: Outbox, send: Send, firstPauseMs = 500): Sending {
  const stopping = new AbortController();
  const { signal } = stopping;
  const busy = new Set<string>();
  let wake = Promise.withResolvers<void>();

  const hurry = () => {
    wake.resolve();
    wake = Promise.withResolvers();
  };
  const look = () => {
    for (const chatId of new Set(outbox.letters().map((letter) => letter.chatId))) {
      if (!busy.has(chatId)) void empty(chatId);
    }
  };
  async function empty(chatId: string): Promise<void> {
    busy.add(chatId);
    let pauseMs = firstPauseMs;
    for (let letter = next(chatId); letter && !signal.aborted; letter = next(chatId)) {
      const isAnswered = await deliver(letter);
      if (isAnswered) pauseMs = firstPauseMs;
      else pauseMs = await pause(pauseMs);
    }
    busy.delete(chatId);
  }
  function next(chatId: string): Letter | undefined {
    return outbox.letters().find((one) => one.chatId === chatId && !one.refusal);
  }
  async function deliver(letter: Letter): Promise<boolean> {
    try {
      const { seq } = await send(letter, signal);
      if (signal.aborted) return false;
      putBehind(letter.chatId, seq);
      outbox.remove(letter.key);
    } catch (error) {
      if (signal.aborted || willBeHeard(error)) return false;
      // It may have been discarded meanwhile.
      if (next(letter.chatId)?.key === letter.key) {
        outbox.put({ ...letter, refusal: whyRefused(error) });
      }
    }
    return true;
  }
  /** What is sent next is said later: no earlier message can be it. */
  function putBehind(chatId: string, seq: number): void {
    for (const letter of outbox.letters()) {
      if (letter.chatId === chatId && letter.afterSeq < seq)
        outbox.put({ ...letter, afterSeq: seq });
    }
  }
  async function pause(ms: number): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms * (0.75 + Math.random() / 2));
    await Promise.race([promise, wake.promise]);
    clearTimeout(timer);
    return Math.min(2 * ms, longestPauseMs);
  }

  const unsubscribe = outbox.subscribe(look);
  look();
  return {
    hurry,
    stop() {
      stopping.abort();
      unsubscribe();
      hurry();
    },
  };
}

/** Whether to send the same again helps, sooner or later. */
function willBeHeard(error: unknown): boolean {
  return isUnanswered(error) || patient.has(codeOf(error));
}

// Signing in again goes on with what was written before.
const patient = new Set([
  Code.ResourceExhausted,
  Code.Aborted,
  Code.Unauthenticated,
  Code.Canceled,
]);

function whyRefused(error: unknown): string {
  return reasonOf(error) === "KEY_REUSED" ? "This was sent before." : describe(error);
}
