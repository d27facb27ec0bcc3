import type { SubscribeResponse } from "@plaza/contract/chat/v1/stream";
import type { Fault } from "@plaza/kit/errors/fault";
import type { Delivery } from "./delivery.ts";

/** A stream that is subscribed to chats in this process. */
export type Subscriber = {
  readonly userId: string;
  /** Delivers the next entries of a watched chat. */
  deliver(deliveries: readonly Delivery[]): void;
  /** Relays an event that is not a log entry; without `chatId` it concerns no chat. */
  relay(event: SubscribeResponse, chatId?: string): void;
  /** Called when the user was added to a chat. */
  onAdded(chatId: string): void;
  heartbeat(): void;
  end(reason: Fault): void;
};
