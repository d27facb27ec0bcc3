import { create } from "@bufbuild/protobuf";
import { RelationSchema, Relation_State as State } from "@plaza/contract/friends/v1/friends";
import type { Pool } from "@plaza/kit/db/database";
import type { Service } from "@plaza/kit/runtime/service";
import {
  type RunStatement,
  stripLocks,
  withStatements,
} from "@plaza/kit/testing/intercept-statements";
import { friends } from "../../services/friends/main.ts";
import type { ApiResponse } from "../../test/base/api-client.ts";
import { createBarrier } from "../base/barrier.ts";
import type { ServiceFault } from "../base/faulty-cluster.ts";
import { type SendRequest, sendRequest } from "../base/system-under-test.ts";
import type { FriendsScale } from "./workload.ts";

/** A seeded fault, and the run that it takes to show. */
export type FriendsFault = ServiceFault & {
  readonly scale: FriendsScale;
  readonly operations: number;
};

/** For races: two clients on one pair. */
const raceRun = { scale: { users: 2, clientsPerUser: 1, searchLagMs: 3_000 }, operations: 300 };

/** For faults in the final state. */
const smallRun = { scale: { users: 4, clientsPerUser: 2, searchLagMs: 3_000 }, operations: 300 };

const pairBarrier = createBarrier();

/** Faults that the checker must detect. */
export const seededFaults: Readonly<Record<string, FriendsFault>> = {
  "takes no locks": {
    service: friendsWithLock(async (ids, text, run) => {
      await awaitPairBarrier(ids);
      return run({ text: stripLocks(text) });
    }),
    ...raceRun,
  },
  "locks only the caller": {
    service: friendsWithLock(async (ids, _text, run) => {
      const rows = await run({ args: [ids.slice(0, 1)] });
      await awaitPairBarrier(ids);
      return rows;
    }),
    ...raceRun,
  },
  "locks in caller order": {
    service: friendsWithLock(async (ids, _text, run) => {
      const rows = await run({ args: [ids.slice(0, 1)] });
      await awaitPairBarrier(ids);
      return [...rows, ...(await run({ args: [ids.slice(1)] }))];
    }),
    ...raceRun,
    // PostgreSQL takes a second (deadlock_timeout) to detect a deadlock.
    operations: 4,
  },
  "ends a friendship for one of the two": oneSidedFault(
    "after delete on pair for each row when (old.low_relation = 'confirmed')",
    "insert into pair values (old.low_id, old.high_id, 'none', 'confirmed', null, now())",
  ),
  "confirms for one of the two": oneSidedFault(
    "before update on pair for each row when (new.low_relation = 'confirmed')",
    "new.high_relation = old.high_relation",
  ),
  "drops every other block event": {
    service: friends,
    ...smallRun,
    breakDatabase: (db) =>
      db.unsafe(`
        create function lose() returns trigger language plpgsql as $$ begin return null; end $$;
        create trigger lose before insert on event for each row
        when (new.type in ('plaza.friends.v1.UserBlocked', 'plaza.friends.v1.UserUnblocked')
              and new.sequence % 2 = 0)
        execute function lose()`),
  },
  "acknowledges requests without storing them": {
    service: friends,
    send: dropEveryTenthRequest(),
    ...smallRun,
  },
};

/** Corrupts one side of a pair by a trigger; drops the constraint. */
function oneSidedFault(trigger: string, does: string): FriendsFault {
  const breakDatabase = (db: Pool) =>
    db.unsafe(`
      alter table pair drop constraint pair_relations;
      create function half() returns trigger language plpgsql as $$ begin ${does}; return new; end $$;
      create trigger half ${trigger} execute function half()`);
  return { service: friends, breakDatabase, ...smallRun };
}

/** Acknowledges every tenth request without sending it. */
function dropEveryTenthRequest(): SendRequest {
  let count = 0;
  return async (url, token, line, body) => {
    if (line.endsWith(":request")) count += 1;
    if (!line.endsWith(":request") || count % 10 > 0) return sendRequest(url, token, line, body);
    const answer = await sendRequest(url, token, "GET /v1/friends?pageSize=1");
    const relation: object = create(RelationSchema, { state: State.OUTGOING });
    return { ...answer, as: (() => relation) as ApiResponse["as"] };
  };
}

/** The friends service with another lock of two users: `lock` gets their ids, who acts first. */
function friendsWithLock(
  lock: (ids: readonly string[], text: string, run: RunStatement) => ReturnType<RunStatement>,
): Service {
  return withStatements(friends, ({ text, args }, run) => {
    const [ids] = args as readonly (readonly string[])[];
    const isLockOfPair = text.includes("pg_advisory_xact_lock(key)") && ids?.length === 2;
    return isLockOfPair ? lock(ids, text, run) : run();
  });
}

/** Waits for a concurrent operation on the same pair. */
function awaitPairBarrier(ids: readonly string[]): Promise<void> {
  return pairBarrier(ids.toSorted().join());
}
