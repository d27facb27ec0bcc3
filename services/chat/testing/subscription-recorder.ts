import { setTimeout as sleep } from "node:timers/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import type {
  Entry,
  SubscribeRequestSchema,
  SubscribeResponse,
} from "@plaza/contract/chat/v1/stream";

/** Somebody who chats. */
export type TestChatUser = { readonly id: string; readonly chats: Client<typeof ChatService> };

/** What somebody is told, as it comes in. */
export class SubscriptionRecorder {
  readonly events: SubscribeResponse[] = [];
  readonly #stopping = new AbortController();
  readonly #reading: Promise<unknown>;
  /** What ended the stream, if it was not this. */
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

  /** The seqs of a chat's entries, in the order in which they came. */
  seqs(chatId: string): number[] {
    return this.entries(chatId).map(({ seq }) => seq);
  }

  /** Waits until that holds. */
  async waitUntil(holds: (heard: this) => boolean): Promise<this> {
    for (const giveUpAt = Date.now() + 10_000; !holds(this); ) {
      if (this.error && !holds(this)) throw this.error;
      if (Date.now() > giveUpAt) throw new Error("it did not come to that");
      await sleep(5);
    }
    return this;
  }

  /** Waits until all that was missed is there. */
  waitUntilLive(): Promise<this> {
    return this.waitUntil(({ events }) => events.some(({ event }) => event.case === "heartbeat"));
  }

  /** Waits until the stream has ended by itself, and answers why. */
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
