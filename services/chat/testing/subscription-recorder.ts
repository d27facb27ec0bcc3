import { setTimeout as sleep } from "node:timers/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import type {
  Entry,
  SubscribeRequestSchema,
  SubscribeResponse,
} from "@plaza/contract/chat/v1/stream";

/** A user and their client. */
export type TestChatUser = { readonly id: string; readonly chats: Client<typeof ChatService> };

/** Subscribes and records the events in the order in which they arrive. */
export class SubscriptionRecorder {
  readonly events: SubscribeResponse[] = [];
  readonly #stopping = new AbortController();
  readonly #reading: Promise<unknown>;
  /** The error that ended the stream; undefined after `stop`. */
  error: unknown;

  constructor(
    { chats }: Pick<TestChatUser, "chats">,
    request: MessageInitShape<typeof SubscribeRequestSchema> = {},
  ) {
    this.#reading = this.#read(chats.subscribe(request, { signal: this.#stopping.signal }));
  }

  /** The entries of a chat, or of all. */
  entries(chatId?: string): Entry[] {
    return this.events.flatMap(({ event }) =>
      event.case === "entry" && (chatId === undefined || event.value.chatId === chatId)
        ? [event.value]
        : [],
    );
  }

  /** The seqs of a chat's entries in order of arrival. */
  seqs(chatId: string): number[] {
    return this.entries(chatId).map(({ seq }) => seq);
  }

  /** Waits until the condition holds, for at most 10 seconds. */
  async waitUntil(holds: (recorder: this) => boolean): Promise<this> {
    for (const giveUpAt = Date.now() + 10_000; !holds(this); ) {
      if (this.error && !holds(this)) throw this.error;
      if (Date.now() > giveUpAt) throw new Error("the condition did not hold within 10 seconds");
      await sleep(5);
    }
    return this;
  }

  /** Waits until all missed entries have arrived. */
  waitUntilLive(): Promise<this> {
    return this.waitUntil(({ events }) => events.some(({ event }) => event.case === "heartbeat"));
  }

  /** Waits until the server ends the stream; returns the error. */
  async waitForEnd(): Promise<unknown> {
    await this.#reading;
    return this.error;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#reading;
  }

  async #read(stream: AsyncIterable<SubscribeResponse>): Promise<void> {
    try {
      for await (const event of stream) this.events.push(event);
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.error = error;
    }
  }
}
