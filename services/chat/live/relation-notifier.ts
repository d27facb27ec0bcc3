import { create } from "@bufbuild/protobuf";
import { type SubscribeResponse, SubscribeResponseSchema } from "@plaza/contract/chat/v1/stream";
import type { Tx } from "@plaza/kit/db/database";
import { shared } from "@plaza/kit/rpc/broadcast-message";
import type { Deps } from "@plaza/kit/runtime/service";
import { currentTransactionId, findEndedTransactions } from "../store/transactions.ts";
import type { Hub } from "./hub.ts";

/** Tells people, in all processes, that they are something else to somebody now; kept nowhere. */
export class RelationNotifier {
  readonly #db: Deps["db"];
  readonly #pubsub: Deps["pubsub"];
  #pending: { readonly transaction: string; readonly line: string }[] = [];

  constructor({ db, pubsub }: Pick<Deps, "db" | "pubsub">, hub: Hub) {
    this.#db = db;
    this.#pubsub = pubsub;
    pubsub.subscribe("relation", {
      onMessage: (line) => {
        const [userId = "", otherId = ""] = line.split(" ");
        hub.relayToUser(userId, toEvent(otherId));
      },
    });
  }

  /** Somebody is to be told of another once the transaction is over: a chat that he reads before is as it was. */
  async notifyAfterCommit(tx: Tx, userId: string, otherId: string): Promise<void> {
    const transaction = await currentTransactionId(tx);
    this.#pending.push({ transaction, line: `${userId} ${otherId}` });
  }

  /** Tells what has changed in transactions that are over. To be called often. */
  async flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const transactions = new Set(this.#pending.map(({ transaction }) => transaction));
    const over = new Set(await findEndedTransactions(this.#db, [...transactions]));
    const { due = [], open = [] } = Object.groupBy(this.#pending, ({ transaction }) =>
      over.has(transaction) ? "due" : "open",
    );
    this.#pending = open;
    for (const line of new Set(due.map((one) => one.line))) this.#pubsub.publish("relation", line);
  }
}

function toEvent(userId: string): SubscribeResponse {
  const event = { case: "relationChanged" as const, value: { userId } };
  return shared(create(SubscribeResponseSchema, { event }));
}
