import type { ConnectionConfig } from "@plaza/kit/db/connection-config";
import type { JWK } from "jose";

/** Who is in which chats. The sender is in all of them, and follows none. */
export type Plan = {
  readonly senderId: string;
  readonly memberIds: readonly string[];
  readonly chats: readonly Chat[];
  /** A key pair for the access tokens of all of them. */
  readonly publicKey: JWK;
  readonly privateKey: JWK;
};

export type Chat = { readonly id: string; readonly memberIds: readonly string[] };

/** What a server has used so far, and what has come to it since it was last asked. */
export type Usage = {
  readonly cpuMs: number;
  /** When messages were committed, or sent on by a server that keeps none, by `chat seq`. */
  readonly commits: ReadonlyMap<string, number>;
};

export type Memory = { readonly residentKb: number; readonly heapKb: number };

/** What a server of the bench answers. */
export type Serving = {
  /** Answers the port. */
  serve(plan: Plan, target: ConnectionConfig): Promise<number>;
  usage(): Usage;
  memory(): Memory;
};

/** What members of the bench have been told in a round. */
export type Round = {
  readonly deliveries: number;
  readonly elapsedMs: number;
  /** When each member was told, by `chat seq`. */
  readonly receipts: ReadonlyMap<string, readonly number[]>;
};

/** What the process of the members answers. */
export type Attending = {
  /** Answers when all members hear what comes. */
  join(plan: Plan, port: number, connections: number): Promise<void>;
  /** Has so many messages sent to each of the chats, and again when all members were told, for a while. */
  send(chats: readonly Chat[], atOnce: number, seconds: number): Promise<Round>;
};

/** What a message says. */
export const text =
  "The square fills early on market days; who brings the tables, and who the tea? ";
