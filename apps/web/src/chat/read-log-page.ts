import type { CallOptions } from "@connectrpc/connect";
import { Chat_Kind } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import type { Entry } from "@plaza/contract/chat/v1/stream";
import { chats } from "../lib/member-clients.ts";
import type { Page } from "./chat-log.ts";

const pageSize = 40;

/** A part of a chat: which one, and the entry with which it ends. */
type Part = { readonly id: string; readonly kind: Chat_Kind; readonly until: number };

/**
 * Reads the page of messages that the token names, and what else has happened among them. In a direct chat
 * nothing else happens.
 */
export async function readPage(
  { id, kind, until }: Part,
  pageToken: string,
  signal?: AbortSignal,
  size = pageSize,
): Promise<Page> {
  const options = signal && { signal };
  const page = await chats.listMessages({ chatId: id, pageSize: size, pageToken }, options);
  const { messages, nextPageToken: before } = page;
  const after = before ? (messages.at(-1)?.seq ?? 1) - 1 : 0;
  const isWhole = kind === Chat_Kind.DIRECT || countTo(until, messages) === until - after;
  const others = isWhole ? [] : await readOthers(id, after, until, options);
  return { lines: [...messages, ...others], before };
}

function countTo(until: number, messages: readonly Message[]): number {
  return messages.filter(({ seq }) => seq <= until).length;
}

/** The entries that are about no message, from behind one up to another. */
async function readOthers(
  chatId: string,
  after: number,
  until: number,
  options?: CallOptions,
): Promise<Entry[]> {
  const others: Entry[] = [];
  const part = { chatId, after, before: until + 1, withoutMessages: true, pageSize: 100 };
  for (let pageToken: string | undefined = ""; pageToken !== undefined; ) {
    const page = await chats.listEntries({ ...part, pageToken }, options);
    others.push(...page.entries);
    pageToken = page.nextPageToken || undefined;
  }
  return others;
}
