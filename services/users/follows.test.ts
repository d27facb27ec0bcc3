import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { AccountClosedSchema } from "@plaza/contract/auth/v1/events";
import { testDatabase } from "@plaza/kit/testing-db";
import { register } from "./domain.ts";
import { userFollows } from "./follows.ts";
import * as store from "./store.ts";

describe("AccountClosed", () => {
  const pool = testDatabase(new URL("./migrations/", import.meta.url));
  const handle = (accountId: string) =>
    pool().begin(async (tx) => {
      const event = create(AccountClosedSchema, { accountId });
      for (const follow of userFollows) await follow.handle(tx, event as never);
    });

  it("deletes the profile that is still there, no other, and announces it once", async () => {
    const [left, stayed] = [randomUUID(), randomUUID()];
    for (const [n, id] of [left, stayed].entries()) {
      const account = { id, nickname: `person_${n}`, email: `person${n}@example.org` };
      await pool().begin((tx) => store.saveProfile(tx, register(account, undefined, new Date())));
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
