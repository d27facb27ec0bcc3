import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fault } from "@plaza/kit/errors/fault";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import fc from "fast-check";
import {
  type FriendAction,
  findTransition,
  type PairState,
  pairTransitions,
  relationsByState,
  transitionRefusals,
} from "./pair-state-machine.ts";
import { act, friendActions, relationsOf, testFriends } from "./testing.ts";
import { replayEvents } from "./testing-replay.ts";

/** A second list of the transitions, so that the test notices a mistake in the first. */
const expectedTransitions: Record<PairState, Partial<Record<FriendAction, PairState | string>>> = {
  strangers: { Request: "requested", Block: "blocking", Confirm: "NO_SUCH_REQUEST" },
  requested: { Withdraw: "strangers", Block: "blocking", Confirm: "NO_SUCH_REQUEST" },
  received: { Request: "friends", Confirm: "friends", Decline: "strangers", Block: "blocking" },
  friends: {
    Remove: "strangers",
    Block: "blocking",
    Decline: "ALREADY_FRIENDS",
    Withdraw: "ALREADY_FRIENDS",
  },
  blocking: { Unblock: "strangers", Request: "USER_BLOCKED", Confirm: "NO_SUCH_REQUEST" },
  blocked: { Block: "mutually blocked", Request: "NO_SUCH_USER", Confirm: "NO_SUCH_REQUEST" },
  "mutually blocked": {
    Unblock: "blocked",
    Request: "USER_BLOCKED",
    Confirm: "NO_SUCH_REQUEST",
  },
};

const names = Object.keys(expectedTransitions) as PairState[];

describe("the state machine of a pair", () => {
  it("has the expected transitions and no others", () => {
    for (const from of names) {
      for (const action of friendActions) {
        const wanted = expectedTransitions[from][action] ?? from;
        const outcome = () => {
          try {
            return findTransition(from, action).to;
          } catch (err) {
            return err instanceof Fault ? err.reason : assert.fail(String(err));
          }
        };
        assert.equal(outcome(), wanted, `${action} when ${from}`);
      }
      assert.equal(findTransition(from, "Leave").to, "strangers");
    }
  });

  it("has at most one transition per action and state, and never both a transition and a refusal", () => {
    for (const { from, action } of pairTransitions) {
      const same = (one: { from: PairState; action: FriendAction }) =>
        one.from === from && one.action === action;
      assert.equal(pairTransitions.filter(same).length, 1, `${action} when ${from}`);
      const refused = transitionRefusals.some(
        (one) => one.action === action && one.from.includes(from),
      );
      assert.ok(!refused, `${action} when ${from}`);
    }
  });

  it("has for every state the state that the other user sees", () => {
    for (const name of names) {
      const { mine, theirs } = relationsByState[name];
      const seen = names.filter(
        (one) => relationsByState[one].mine === theirs && relationsByState[one].theirs === mine,
      );
      assert.equal(seen.length, 1, name);
    }
  });

  it("publishes events from which the relations can be replayed", () => {
    const [one, other] = ["one", "other"];
    for (const { from, to, events, otherEvents = [] } of pairTransitions) {
      const published = [
        ...events.map((event) => [event, one] as const),
        ...otherEvents.map((event) => [event, other] as const),
      ];
      assert.ok(published.length > 0);
      assert.deepEqual(
        replayEvents(relationsByState[from], one, published),
        relationsByState[to],
        `${from} → ${to}`,
      );
    }
  });
});

describe("any sequence of calls by two users", () => {
  const friends = testFriends();
  const calls = (bounds: { minLength?: number; maxLength: number }) =>
    fc.array(fc.tuple(fc.boolean(), fc.constantFrom(...friendActions)), bounds);
  const strangers = { mine: "none", theirs: "none" } as const;

  async function attempt(...call: Parameters<typeof act>): Promise<string> {
    return act(...call).then(
      () => "done",
      (err) => reasonOf(err) ?? assert.fail(String(err)),
    );
  }

  it("follows the state machine when sequential", async () => {
    await fc.assert(
      fc.asyncProperty(calls({ maxLength: 12 }), async (sequence) => {
        const [ada, bruno] = [friends.newUser(), friends.newUser()];
        let state: PairState = "strangers";
        for (const [isAda, action] of sequence) {
          const from: PairState = isAda ? state : fromOtherSide(state);
          const wanted: string = expectedTransitions[from][action] ?? from;
          const isRefusal = !(wanted in relationsByState);
          const outcome = await (isAda ? attempt(ada, action, bruno) : attempt(bruno, action, ada));
          assert.equal(outcome, isRefusal ? wanted : "done", `${action} when ${from}`);
          const to: PairState = isRefusal ? from : (wanted as PairState);
          state = isAda ? to : fromOtherSide(to);
          assert.deepEqual(await relationsOf(ada, bruno), relationsByState[state]);
        }
        const published = await friends.eventsBetween(ada, bruno);
        assert.deepEqual(replayEvents(strangers, ada, published), relationsByState[state]);
      }),
      { numRuns: 60 },
    );
  });

  it("leaves a state that the events lead to when concurrent", async () => {
    await fc.assert(
      fc.asyncProperty(calls({ minLength: 6, maxLength: 32 }), async (sequence) => {
        const [ada, bruno] = [friends.newUser(), friends.newUser()];
        await Promise.all(
          sequence.map(([isAda, action]) =>
            isAda ? attempt(ada, action, bruno) : attempt(bruno, action, ada),
          ),
        );
        const found = await relationsOf(ada, bruno);
        const published = await friends.eventsBetween(ada, bruno);
        assert.deepEqual(replayEvents(strangers, ada, published), found);
      }),
      { numRuns: 60 },
    );
  });
});

function fromOtherSide(state: PairState): PairState {
  const { mine, theirs } = relationsByState[state];
  const seen = names.find(
    (one) => relationsByState[one].mine === theirs && relationsByState[one].theirs === mine,
  );
  return seen ?? assert.fail();
}
