import type { Message } from "@plaza/contract/chat/v1/messages";

/** What a member can do with a message of an open chat. */
export type MessageActions = {
  reply(message: Message): void;
  edit(message: Message): void;
  remove(message: Message): void;
  react(message: Message, emoji: string): void;
};
