import type { Entry } from "@plaza/contract/chat/v1/stream";
import { type ClientHistory, createClientHistory } from "../base/client-history.ts";

/** A message acknowledged to its writer. */
export type AcknowledgedMessage = {
  readonly chatId: string;
  readonly seq: number;
  readonly text: string;
};

/** The seqs of the entries that a reader received, per chat, in their order. */
export type ReaderLog = { readonly userId: string; readonly seqs: Map<string, number[]> };

/** Everything writers and readers observed. */
export type ChatHistory = ClientHistory & {
  readonly acknowledged: AcknowledgedMessage[];
  readonly readerLogs: ReaderLog[];
  /** The first entry that any reader received at each position of each log. */
  readonly entryByPosition: Map<string, string>;
  /** Positions at which readers received different entries. */
  readonly inconsistent: string[];
  subscriptions: number;
  /** Subscriptions that the server or the network ended. */
  disconnects: number;
  /** Members removed from a chat. */
  removals: number;
};

export function createHistory(): ChatHistory {
  return {
    ...createClientHistory(),
    acknowledged: [],
    readerLogs: [],
    entryByPosition: new Map(),
    inconsistent: [],
    subscriptions: 0,
    disconnects: 0,
    removals: 0,
  };
}

/** Records an entry that a reader received. */
export function recordEntry(
  { entryByPosition, inconsistent }: ChatHistory,
  { seqs }: ReaderLog,
  entry: Entry,
): void {
  seqs.getOrInsertComputed(entry.chatId, () => []).push(entry.seq);
  const position = `${entry.chatId} ${entry.seq}`;
  const description = describeEntry(entry);
  const first = entryByPosition.getOrInsert(position, description);
  if (first !== description) inconsistent.push(`${position}: ${first} and ${description}`);
}

function describeEntry({ type, message, memberIds }: Entry): string {
  return `${type} ${message?.text ?? ""} ${memberIds}`;
}
