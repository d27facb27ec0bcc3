import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code } from "@connectrpc/connect";
import { ErrorInfoSchema, RetryInfoSchema } from "@plaza/contract/google/rpc/error_details";
import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { withStatements } from "@plaza/kit/testing/intercept-statements";
import { friendEventHandlers } from "./event-handlers.ts";
import { friends as friendsService } from "./main.ts";
import { sweep } from "./sweep.ts";
import { act, relationsOf, type TestFriendUser, testFriends } from "./testing.ts";

const dayMs = 86_400_000;
const env = { PLAZA_FRIENDS_DECLINE_PAUSE_SECONDS: "86400,604800" };

describe("a declined request", () => {
  let clockMs = Date.parse("2026-05-01T12:00:00Z");
  const now = () => new Date(clockMs);
  const friends = testFriends({ env, now });
  const pass = (ms: number) => {
    clockMs += ms;
  };
  const two = (): [TestFriendUser, TestFriendUser] => [friends.newUser(), friends.newUser()];

  /** Requests and is declined. */
  async function decline(requester: TestFriendUser, decliner: TestFriendUser) {
    await act(requester, "Request", decliner);
    await act(decliner, "Decline", requester);
  }

  /** Asserts that a request is refused for the rest of the pause. */
  async function assertPaused(requester: TestFriendUser, decliner: TestFriendUser, ms: number) {
    const call = act(requester, "Request", decliner);
    const refusal = await assertRefused(call, Code.ResourceExhausted, "REQUEST_DECLINED");
    const delay = refusal.findDetails(RetryInfoSchema)[0]?.retryDelay;
    assert.equal(Number(delay?.seconds) * 1_000, ms);
    const { retry_time } = refusal.findDetails(ErrorInfoSchema)[0]?.metadata ?? {};
    assert.equal(Date.parse(retry_time ?? ""), clockMs + ms);
    return refusal;
  }

  it("cannot be made again until a pause is over, which grows with each decline", async () => {
    const [ada, bruno] = two();
    await decline(ada, bruno);
    for (let times = 0; times < 15; times += 1) await assertPaused(ada, bruno, dayMs);
    assert.deepEqual(await relationsOf(ada, bruno), { mine: "none", theirs: "none" });
    pass(dayMs - 1_000);
    await assertPaused(ada, bruno, 1_000);
    pass(1_000);
    for (let times = 0; times < 2; times += 1) {
      await decline(ada, bruno);
      await assertPaused(ada, bruno, 7 * dayMs);
      pass(7 * dayMs);
    }
    await act(ada, "Request", bruno);
  });

  it("leaves others free to request", async () => {
    const [ada, bruno] = two();
    await decline(ada, bruno);
    await act(friends.newUser(), "Request", bruno);
    await act(ada, "Request", friends.newUser());
  });

  it("does not keep the decliner from a request, which ends the pause", async () => {
    const [ada, bruno] = two();
    await decline(ada, bruno);
    await act(bruno, "Request", ada);
    await act(bruno, "Withdraw", ada);
    await act(ada, "Request", bruno);
    await act(bruno, "Decline", ada);
    await assertPaused(ada, bruno, dayMs);
  });

  it("is forgotten by both when they become friends", async () => {
    const [ada, bruno] = two();
    await decline(ada, bruno);
    pass(dayMs);
    await act(ada, "Request", bruno);
    await act(bruno, "Confirm", ada);
    await act(ada, "Remove", bruno);
    await decline(ada, bruno);
    await assertPaused(ada, bruno, dayMs);
  });

  it("looks the same to a requester who was blocked instead, or after it", async () => {
    const [ada, bruno] = two();
    await decline(ada, bruno);
    const declined = await assertPaused(ada, bruno, dayMs);
    const clara = friends.newUser();
    await act(clara, "Request", bruno);
    await act(bruno, "Block", clara);
    const blocked = await assertPaused(clara, bruno, dayMs);
    assert.equal(blocked.message, declined.message);
    await act(bruno, "Block", ada);
    await assertPaused(ada, bruno, dayMs);
    pass(dayMs);
    for (const one of [ada, clara]) {
      await assertRefused(act(one, "Request", bruno), Code.NotFound, "NO_SUCH_USER");
    }
  });

  it("counts once when it is declined in several windows at once", async () => {
    const [ada, bruno] = two();
    await act(ada, "Request", bruno);
    await Promise.all(Array.from({ length: 8 }, () => act(bruno, "Decline", ada)));
    await assertPaused(ada, bruno, dayMs);
  });

  it("is forgotten a year after the longest pause, and when either account is deleted", async () => {
    const [ada, bruno] = two();
    await decline(ada, bruno);
    const db = friends.db("friends");
    const count = async () => {
      const [row] = await db<{ count: number }[]>`select count(*)::int from decline`;
      return row?.count ?? 0;
    };
    const before = await count();
    await db.begin(async (tx) => {
      const event = { $typeName: UserDeletedSchema.typeName, userId: bruno.id };
      for (const handler of friendEventHandlers) await handler.handle(tx, event as never);
    });
    assert.equal(await count(), before - 1);
    await decline(...two());
    const config = { db, declinePausesMs: [dayMs, 7 * dayMs] };
    await sweep({ ...config, now: () => new Date(clockMs + 371 * dayMs) });
    assert.ok((await count()) > 0);
    await sweep({ ...config, now: () => new Date(clockMs + 373 * dayMs) });
    assert.equal(await count(), 0);
  });
});

describe("concurrent declines", () => {
  /** Holds those that have read the pair until another one has too, or for 50 ms. */
  let waiting: (() => void)[] = [];
  const overlapping = withStatements(friendsService, async (statement, run) => {
    const rows = await run();
    if (!statement.text.includes("from pair") || rows.length === 0) return rows;
    await Promise.race([sleep(50), new Promise<void>((resolve) => waiting.push(resolve))]);
    if (waiting.length > 1) for (const release of waiting) release();
    return rows;
  });
  const friends = testFriends({ services: [overlapping], env });

  it("begin one pause", async () => {
    const [ada, bruno] = [friends.newUser(), friends.newUser()];
    await act(ada, "Request", bruno);
    waiting = [];
    await Promise.all([act(bruno, "Decline", ada), act(bruno, "Decline", ada)]);
    const [row] = await friends.db("friends")`select count from decline`;
    assert.equal(row?.["count"], 1);
  });
});
