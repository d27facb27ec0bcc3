import { create } from "@bufbuild/protobuf";
import { type SubscribeResponse, SubscribeResponseSchema } from "@plaza/contract/chat/v1/stream";
import type { Tx } from "@plaza/kit/db/database";
import { broadcastMessage } from "@plaza/kit/rpc/broadcast-message";
import type { Deps } from "@plaza/kit/runtime/service";
import { currentTransactionId, findEndedTransactions } from "../store/transactions.ts";
import type { Hub } from "./hub.ts";

/** Notifies users, in all processes, that a relation of theirs changed; never stored. */
export class RelationNotifier {
  readonly #db: Deps["db"];
  readonly #pubsub: Deps["pubsub"];
  #pending: { readonly transaction: string; readonly line: string }[] = [];

  constructor({ db, pubsub }: Pick<Deps, "db" | "pubsub">, hub: Hub) {
    this.#db = db;
    this.#pubsub = pubsub;
    pubsub.subscribe("relation_changed", {
      onMessage: (line) => {
        const [userId = "", otherId = ""] = line.split(" ");
        hub.relayToUser(userId, toEvent(otherId));
      },
    });
  }

  /** Notifies `userId` once the transaction has ended: before that a client would read the old state. */
  async notifyAfterCommit(tx: Tx, userId: string, otherId: string): Promise<void> {
    const transaction = await currentTransactionId(tx);
    this.#pending.push({ transaction, line: `${userId} ${otherId}` });
  }

  /** Publishes the changes of ended transactions. Call often. */
  async flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const transactions = new Set(this.#pending.map(({ transaction }) => transaction));
    const ended = new Set(await findEndedTransactions(this.#db, [...transactions]));
    const { due = [], open = [] } = Object.groupBy(this.#pending, ({ transaction }) =>
      ended.has(transaction) ? "due" : "open",
    );
    this.#pending = open;
    for (const line of new Set(due.map((one) => one.line)))
      this.#pubsub.publish("relation_changed", line);
  }
}

function toEvent(userId: string): SubscribeResponse {
  const event = { case: "relationChanged" as const, value: { userId } };
  return broadcastMessage(create(SubscribeResponseSchema, { event }));
}
