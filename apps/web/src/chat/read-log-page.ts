import type { CallOptions } from "@connectrpc/connect";
import { Chat_Kind } from "@plaza/contract/chat/v1/chats";
import type { Message } from "@plaza/contract/chat/v1/messages";
import type { Entry } from "@plaza/contract/chat/v1/stream";
import { chats } from "../lib/clients.ts";
import type { LogPage } from "./chat-log.ts";

const pageSize = 40;

/** The part of a chat's log up to the entry `untilSeq`. */
type LogRange = { readonly id: string; readonly kind: Chat_Kind; readonly untilSeq: number };

/**
 * Reads a page of messages and the other entries between them. Only groups have other entries, and they are read
 * only when the seqs of the messages have gaps.
 */
export async function readLogPage(
  { id, kind, untilSeq }: LogRange,
  pageToken: string,
  signal?: AbortSignal,
  size = pageSize,
): Promise<LogPage> {
  const options = signal && { signal };
  const page = await chats.listMessages({ chatId: id, pageSize: size, pageToken }, options);
  const { messages, nextPageToken: olderPageToken } = page;
  const after = olderPageToken ? (messages.at(-1)?.seq ?? 1) - 1 : 0;
  const isComplete =
    kind === Chat_Kind.DIRECT || countUpTo(untilSeq, messages) === untilSeq - after;
  const others = isComplete ? [] : await readEntriesWithoutMessages(id, after, untilSeq, options);
  return { items: [...messages, ...others], olderPageToken };
}

function countUpTo(until: number, messages: readonly Message[]): number {
  return messages.filter(({ seq }) => seq <= until).length;
}

/** The entries that are about no message, after `afterSeq` and up to `untilSeq`. */
async function readEntriesWithoutMessages(
  chatId: string,
  afterSeq: number,
  untilSeq: number,
  options?: CallOptions,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  const request = {
    chatId,
    after: afterSeq,
    before: untilSeq + 1,
    withoutMessages: true,
    pageSize: 100,
  };
  for (let pageToken: string | undefined = ""; pageToken !== undefined; ) {
    const page = await chats.listEntries({ ...request, pageToken }, options);
    entries.push(...page.entries);
    pageToken = page.nextPageToken || undefined;
  }
  return entries;
}
