import { stripLocks, withStatements } from "@plaza/kit/testing/intercept-statements";
import { chat } from "../../services/chat/main.ts";
import type { ServiceFault } from "../base/faulty-cluster.ts";
import {
  chatWithSubscribe,
  subscribeAfterRemoval,
  subscribeHistoryFirst,
  subscribeLiveFirst,
} from "./faulty-subscriptions.ts";
import type { ChatAnomalies } from "./history.ts";

/** A broken service, and by which of these it must show: the other kinds may come with it. */
export type ChatFault = ServiceFault & {
  readonly expectedAnomalies: readonly (keyof ChatAnomalies)[];
};

/** Broken chats that the checker must tell from a good one. */
export const seededFaults: Readonly<Record<string, ChatFault>> = {
  "goes live before it has told the history": {
    service: chatWithSubscribe(subscribeLiveFirst),
    expectedAnomalies: ["duplicated", "reordered"],
  },
  "tells the history before it goes live": {
    service: chatWithSubscribe(subscribeHistoryFirst),
    expectedAnomalies: ["skipped"],
  },
  "gives out positions before the commit, to whoever asks": {
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
  "forgets the key of a message, so that a retry is another one": {
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
  "tells the removed what is said without them": {
    service: chatWithSubscribe(subscribeAfterRemoval),
    expectedAnomalies: ["unauthorized"],
  },
};
