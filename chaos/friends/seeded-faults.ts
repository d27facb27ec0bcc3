import { create } from "@bufbuild/protobuf";
import { RelationSchema, Relation_State as State } from "@plaza/contract/friends/v1/friends";
import { lockUsers } from "@plaza/kit/db/advisory-locks";
import type { Pool, Tx } from "@plaza/kit/db/database";
import { defineFriendsService, friends } from "../../services/friends/main.ts";
import type { Answer } from "../../test/base/api-client.ts";
import { rendezvous } from "../base/barrier.ts";
import type { Broken } from "../base/faulty-cluster.ts";
import { plainSend, type Send } from "../kill/client.ts";
import type { Scale } from "./workload.ts";

/** A broken service, and who takes how many steps for it to show. */
export type Planted = Broken & { readonly scale: Scale; readonly steps: number };

/** For what shows when two act at once: they meet at every step, and little else can explain what they see. */
const two = { scale: { people: 2, tabs: 1, followMs: 3_000 }, steps: 300 };

/** For what shows in what is there in the end. */
const few = { scale: { people: 4, tabs: 2, followMs: 3_000 }, steps: 300 };

const meet = rendezvous();

/** Ways to break friends that the checker must tell from a good one. */
export const planted: Readonly<Record<string, Planted>> = {
  "locks nobody": {
    service: defineFriendsService({ lockPeople: (_tx, ids) => meetAbout(ids) }),
    ...two,
  },
  "locks only who acts": {
    service: defineFriendsService({
      async lockPeople(tx, ids) {
        await lockUsers(tx, ids.slice(0, 1));
        await meetAbout(ids);
      },
    }),
    ...two,
  },
  "locks who acts before whom it is about": {
    service: defineFriendsService({ lockPeople: lockOneByOne }),
    ...two,
    // PostgreSQL takes a second to see that two wait for each other.
    steps: 4,
  },
  "ends a friendship for one of the two": half(
    "after delete on pair for each row when (old.low_relation = 'confirmed')",
    "insert into pair values (old.low_id, old.high_id, 'none', 'confirmed', null, now())",
  ),
  "confirms for one of the two": half(
    "before update on pair for each row when (new.low_relation = 'confirmed')",
    "new.high_relation = old.high_relation",
  ),
  "loses every other announcement of a block": {
    service: friends,
    ...few,
    breakDatabase: (db) =>
      db.unsafe(`
        create function lose() returns trigger language plpgsql as $$ begin return null; end $$;
        create trigger lose before insert on event for each row
        when (new.type in ('plaza.friends.v1.UserBlocked', 'plaza.friends.v1.UserUnblocked')
              and new.sequence % 2 = 0)
        execute function lose()`),
  },
  "answers requests that it forgets": { service: friends, send: forgetful(), ...few },
};

/** Does something to one side of a pair by a trigger, and lets the table have it. */
function half(trigger: string, does: string): Planted {
  const breakDatabase = (db: Pool) =>
    db.unsafe(`
      alter table pair drop constraint pair_relations;
      create function half() returns trigger language plpgsql as $$ begin ${does}; return new; end $$;
      create trigger half ${trigger} execute function half()`);
  return { service: friends, breakDatabase, ...few };
}

/** Answers every tenth request as if it were made, and passes it on to nobody. */
function forgetful(): Send {
  let count = 0;
  return async (url, token, line, body) => {
    if (line.endsWith(":request")) count += 1;
    if (!line.endsWith(":request") || count % 10 > 0) return plainSend(url, token, line, body);
    const answer = await plainSend(url, token, "GET /v1/friends?pageSize=1");
    const relation: object = create(RelationSchema, { state: State.OUTGOING });
    return { ...answer, as: (() => relation) as Answer["as"] };
  };
}

async function lockOneByOne(tx: Tx, ids: readonly string[]): Promise<void> {
  const [first = "", ...others] = ids;
  await lockUsers(tx, [first]);
  await meetAbout(ids);
  await lockUsers(tx, others);
}

/** Waits for another step between the same two. */
function meetAbout(ids: readonly string[]): Promise<void> {
  return meet(ids.toSorted().join());
}
