import type { ConnectionConfig } from "@plaza/kit/db/connection-config";
import type { JWK } from "jose";

/** Who is in which chats. The sender is in all of them, and follows none. */
export type ChatSetup = {
  readonly senderId: string;
  readonly memberIds: readonly string[];
  readonly chats: readonly BenchChat[];
  /** A key pair for the access tokens of all of them. */
  readonly publicKey: JWK;
  readonly privateKey: JWK;
};

export type BenchChat = { readonly id: string; readonly memberIds: readonly string[] };

/** What a server has used so far, and what has come to it since it was last asked. */
export type ServerUsage = {
  readonly cpuMs: number;
  /** When messages were committed, or sent on by a server that keeps none, by `chat seq`. */
  readonly commits: ReadonlyMap<string, number>;
};

export type ServerMemory = { readonly residentKb: number; readonly heapKb: number };

/** What a server of the bench answers. */
export type ServerWorker = {
  /** Answers the port. */
  start(plan: ChatSetup, target: ConnectionConfig): Promise<number>;
  usage(): ServerUsage;
  memory(): ServerMemory;
};

/** What members of the bench have been told in a round. */
export type RoundReceipts = {
  readonly deliveries: number;
  readonly elapsedMs: number;
  /** When each member was told, by `chat seq`. */
  readonly receipts: ReadonlyMap<string, readonly number[]>;
};

/** What the process of the members answers. */
export type SubscriberWorker = {
  /** Answers when all members hear what comes. */
  join(plan: ChatSetup, port: number, connections: number): Promise<void>;
  /** Has so many messages sent to each of the chats, and again when all members were told, for a while. */
  send(chats: readonly BenchChat[], atOnce: number, seconds: number): Promise<RoundReceipts>;
};

/** What a message says. */
export const messageText =
  "The square fills early on market days; who brings the tables, and who the tea? ";
