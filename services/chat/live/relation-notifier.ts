import { create } from "@bufbuild/protobuf";
import { type SubscribeResponse, SubscribeResponseSchema } from "@plaza/contract/chat/v1/stream";
import type { Tx } from "@plaza/kit/db/database";
import { shared } from "@plaza/kit/rpc/broadcast-message";
import type { Deps } from "@plaza/kit/runtime/service";
import { currentTransaction, findOver } from "../store/transactions.ts";
import type { Hub } from "./hub.ts";

/** Tells people, in all processes, that they are something else to somebody now; kept nowhere. */
export class Relations {
  readonly #db: Deps["db"];
  readonly #fanOut: Deps["fanOut"];
  #waiting: { readonly transaction: string; readonly line: string }[] = [];

  constructor({ db, fanOut }: Pick<Deps, "db" | "fanOut">, hub: Hub) {
    this.#db = db;
    this.#fanOut = fanOut;
    fanOut.subscribe("relation", {
      heard: (line) => {
        const [userId = "", otherId = ""] = line.split(" ");
        hub.passTo(userId, toEvent(otherId));
      },
    });
  }

  /** Somebody is to be told of another once the transaction is over: a chat that he reads before is as it was. */
  async changed(tx: Tx, userId: string, otherId: string): Promise<void> {
    const transaction = await currentTransaction(tx);
    this.#waiting.push({ transaction, line: `${userId} ${otherId}` });
  }

  /** Tells what has changed in transactions that are over. To be called often. */
  async tell(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const transactions = new Set(this.#waiting.map(({ transaction }) => transaction));
    const over = new Set(await findOver(this.#db, [...transactions]));
    const { due = [], open = [] } = Object.groupBy(this.#waiting, ({ transaction }) =>
      over.has(transaction) ? "due" : "open",
    );
    this.#waiting = open;
    for (const line of new Set(due.map((one) => one.line))) this.#fanOut.publish("relation", line);
  }
}

function toEvent(userId: string): SubscribeResponse {
  const event = { case: "relationChanged" as const, value: { userId } };
  return shared(create(SubscribeResponseSchema, { event }));
}
