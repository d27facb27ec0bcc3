import { stripLocks, withStatements } from "@plaza/kit/testing/intercept-statements";
import { chat } from "../../services/chat/main.ts";
import type { ServiceFault } from "../base/faulty-cluster.ts";
import type { ChatAnomalies } from "./checker.ts";
import {
  chatWithSubscribe,
  subscribeAfterRemoval,
  subscribeHistoryFirst,
  subscribeLiveFirst,
} from "./faulty-subscriptions.ts";

/** A seeded fault, and the kinds of anomalies of which it must cause one; others may come with it. */
export type ChatFault = ServiceFault & {
  readonly expectedAnomalies: readonly (keyof ChatAnomalies)[];
};

/** Faults that the checker must detect. */
export const seededFaults: Readonly<Record<string, ChatFault>> = {
  "delivers live entries before history": {
    service: chatWithSubscribe(subscribeLiveFirst),
    expectedAnomalies: ["duplicated", "reordered"],
  },
  "misses entries between history and live": {
    service: chatWithSubscribe(subscribeHistoryFirst),
    expectedAnomalies: ["skipped"],
  },
  "assigns seqs without a lock": {
    expectedAnomalies: ["lost", "inconsistent"],
    service: withStatements(chat, ({ text }, run) =>
      /from chat where id = any/.test(text) ? run({ text: stripLocks(text) }) : run(),
    ),
    breakDatabase: (db) =>
      db.unsafe(`
        alter table reaction drop constraint reaction_chat_id_message_seq_fkey;
        alter table message drop constraint message_pkey;
        alter table entry drop constraint entry_pkey`),
  },
  "drops the idempotency key of a message": {
    expectedAnomalies: ["duplicated"],
    service: chat,
    breakDatabase: (db) =>
      db.unsafe(`
        create function forget() returns trigger language plpgsql as $$ begin
          new.idempotency_key = gen_random_uuid();
          return new;
        end $$;
        create trigger forget before insert on message for each row execute function forget()`),
  },
  "delivers to removed members": {
    service: chatWithSubscribe(subscribeAfterRemoval),
    expectedAnomalies: ["unauthorized"],
  },
};
