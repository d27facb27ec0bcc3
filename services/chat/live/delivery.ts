import { create } from "@bufbuild/protobuf";
import type { SubscribeResponse } from "@plaza/contract/chat/v1/stream";
import { SubscribeResponseSchema } from "@plaza/contract/chat/v1/stream";
import { broadcastMessage } from "@plaza/kit/rpc/broadcast-message";
import type { EntryWithMessage, VisibleRange } from "../domain/entry.ts";
import { visibleDuring } from "../domain/entry.ts";
import { toEntry } from "../mappers/entry.ts";

/**
 * An entry to deliver to all watchers of its chat. It is encoded once, and a second time without the
 * message for watchers who may not see that.
 */
export class Delivery {
  readonly entry: EntryWithMessage;
  /** Estimated size on the wire. */
  readonly bytes: number;
  readonly #eventWithMessage: SubscribeResponse;
  #eventWithoutMessage: SubscribeResponse | undefined;

  constructor(entry: EntryWithMessage) {
    this.entry = entry;
    this.bytes = estimateBytes(entry);
    this.#eventWithMessage = toEvent(entry);
  }

  /** The event for a membership interval: without the message when the interval does not cover it. */
  eventFor(interval: Omit<VisibleRange, "after">): SubscribeResponse {
    const seen = visibleDuring(this.entry, interval);
    if (seen === this.entry) return this.#eventWithMessage;
    this.#eventWithoutMessage ??= toEvent(seen);
    return this.#eventWithoutMessage;
  }
}

function estimateBytes({ message, memberIds }: EntryWithMessage): number {
  const reactionCount =
    message?.reactions.reduce((sum, { userIds }) => sum + userIds.length, 0) ?? 0;
  return 300 + 3 * (message?.text.length ?? 0) + 38 * (memberIds.length + reactionCount);
}

function toEvent(entry: EntryWithMessage): SubscribeResponse {
  const value = toEntry(entry);
  return broadcastMessage(create(SubscribeResponseSchema, { event: { case: "entry", value } }));
}
