import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { create, type Message } from "@bufbuild/protobuf";
import { AccountClosedSchema } from "@plaza/contract/auth/v1/events";
import { UserBlockedSchema, UserUnblockedSchema } from "@plaza/contract/friends/v1/events";
import type { Tx } from "@plaza/kit/db/database";
import { testDatabase } from "@plaza/kit/testing/db";
import { newProfile } from "./domain.ts";
import { userEventHandlers } from "./event-handlers.ts";
import * as store from "./store.ts";

const migrations = new URL("./migrations/", import.meta.url);

async function react(tx: Tx, event: Message): Promise<void> {
  for (const follow of userEventHandlers.filter((one) => one.event.typeName === event.$typeName)) {
    await follow.handle(tx, event as never);
  }
}

describe("AccountClosed", () => {
  const pool = testDatabase(migrations);
  const handle = (accountId: string) =>
    pool().begin((tx) => react(tx, create(AccountClosedSchema, { accountId })));

  it("deletes the profile if it still exists, no other, and publishes that once", async () => {
    const [left, stayed] = [randomUUID(), randomUUID()];
    for (const [n, id] of [left, stayed].entries()) {
      const account = { id, nickname: `person_${n}`, email: `person${n}@example.org` };
      await pool().begin((tx) => store.saveProfile(tx, newProfile(account, undefined, new Date())));
    }
    await handle(left);
    await handle(left);
    const remaining = await store.findProfiles(pool(), [left, stayed]);
    assert.deepEqual(
      remaining.map(({ id }) => id),
      [stayed],
    );
    const events = await pool()<{ aggregateId: string; type: string }[]>`
      select aggregate_id, type from event`;
    assert.deepEqual([...events], [{ aggregateId: left, type: "plaza.users.v1.UserDeleted" }]);
  });
});

describe("UserBlocked and UserUnblocked", () => {
  const pool = testDatabase(migrations);
  const tell = (schema: typeof UserBlockedSchema | typeof UserUnblockedSchema, two: string[]) =>
    pool().begin((tx) =>
      react(tx, create(schema, { userId: two[0] ?? "", otherId: two[1] ?? "" })),
    );

  it("hide the blocker from searches by the blocked, in one direction, until the unblock", async () => {
    const [ada = "", bruno = ""] = [randomUUID(), randomUUID()];
    for (const [nickname, id] of Object.entries({ ada, bruno })) {
      const account = { id, nickname, email: `${nickname}@example.org` };
      await pool().begin((tx) => store.saveProfile(tx, newProfile(account, undefined, new Date())));
    }
    const findable = async (prefix: string, searcherId: string) =>
      (await store.listByNickname(pool(), { prefix, searcherId }, "", 1)).length === 1;
    const seen = async () => [await findable("ada", bruno), await findable("bruno", ada)];

    await tell(UserBlockedSchema, [ada, bruno]);
    await tell(UserBlockedSchema, [ada, bruno]);
    assert.deepEqual(await seen(), [false, true]);
    await tell(UserBlockedSchema, [bruno, ada]);
    await tell(UserUnblockedSchema, [ada, bruno]);
    assert.deepEqual(await seen(), [true, false]);
    await tell(UserUnblockedSchema, [bruno, ada]);
    assert.deepEqual(await seen(), [true, true]);
  });
});
