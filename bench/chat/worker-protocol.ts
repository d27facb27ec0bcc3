import type { ConnectionConfig } from "@plaza/kit/db/connection-config";
import type { JWK } from "jose";

/** The chats and their members. The sender is a member of all chats and subscribes to none. */
export type ChatSetup = {
  readonly senderId: string;
  readonly memberIds: readonly string[];
  readonly chats: readonly BenchChat[];
  /** The key pair of all access tokens. */
  readonly publicKey: JWK;
  readonly privateKey: JWK;
};

export type BenchChat = { readonly id: string; readonly memberIds: readonly string[] };

/** Processor time of a server so far, and its commits since the last call. */
export type ServerUsage = {
  readonly cpuMs: number;
  /** When messages were committed, or relayed by a server that stores none, by `chat seq`. */
  readonly commits: ReadonlyMap<string, number>;
};

export type ServerMemory = { readonly residentKb: number; readonly heapKb: number };

/** Methods of a server process. */
export type ServerWorker = {
  /** Returns the port. */
  start(setup: ChatSetup, target: ConnectionConfig): Promise<number>;
  usage(): ServerUsage;
  memory(): ServerMemory;
};

/** Deliveries to the members in a round. */
export type RoundReceipts = {
  readonly deliveries: number;
  readonly elapsedMs: number;
  /** When each member received it, by `chat seq`. */
  readonly receipts: ReadonlyMap<string, readonly number[]>;
};

/** Methods of the process of the members. */
export type SubscriberWorker = {
  /** Subscribes all members; resolves when all subscriptions are live. */
  join(setup: ChatSetup, port: number, connections: number): Promise<void>;
  /**
   * Sends `burst` concurrent messages to each of the chats, and again as soon as all members have received
   * them, for `seconds`.
   */
  send(chats: readonly BenchChat[], burst: number, seconds: number): Promise<RoundReceipts>;
};

/** The text of every message. */
export const messageText =
  "The square fills early on market days; who brings the tables, and who the tea? ";
