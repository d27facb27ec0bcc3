import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { Fault } from "@plaza/kit/errors/fault";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import fc from "fast-check";
import { pairTable } from "../../scripts/pair-table.ts";
import {
  type Action,
  type PairState,
  refusals,
  states,
  transition,
  transitions,
} from "./pair-state-machine.ts";
import { actions, relationsOf, take, testFriends } from "./testing.ts";
import { replay } from "./testing-replay.ts";

/** Written down a second time, so that a slip in the table does not go unseen. */
const promised: Record<PairState, Partial<Record<Action, PairState | string>>> = {
  strangers: { Request: "asking", Block: "blocking", Confirm: "NO_SUCH_REQUEST" },
  asking: { Withdraw: "strangers", Block: "blocking", Confirm: "NO_SUCH_REQUEST" },
  asked: { Request: "friends", Confirm: "friends", Decline: "strangers", Block: "blocking" },
  friends: {
    Remove: "strangers",
    Block: "blocking",
    Decline: "ALREADY_FRIENDS",
    Withdraw: "ALREADY_FRIENDS",
  },
  blocking: { Unblock: "strangers", Request: "USER_BLOCKED", Confirm: "NO_SUCH_REQUEST" },
  blocked: { Block: "blocking each other", Request: "NO_SUCH_USER", Confirm: "NO_SUCH_REQUEST" },
  "blocking each other": {
    Unblock: "blocked",
    Request: "USER_BLOCKED",
    Confirm: "NO_SUCH_REQUEST",
  },
};

const names = Object.keys(promised) as PairState[];

describe("the state machine of two people", () => {
  it("does what friends promises, and nothing else", () => {
    for (const from of names) {
      for (const action of actions) {
        const wanted = promised[from][action] ?? from;
        const outcome = () => {
          try {
            return transition(from, action).to;
          } catch (err) {
            return err instanceof Fault ? err.reason : assert.fail(String(err));
          }
        };
        assert.equal(outcome(), wanted, `${action} when ${from}`);
      }
      assert.equal(transition(from, "Leave").to, "strangers");
    }
  });

  it("has one way for each action in each state, and never both a way and a refusal", () => {
    for (const { from, action } of transitions) {
      const same = (one: { from: PairState; action: Action }) =>
        one.from === from && one.action === action;
      assert.equal(transitions.filter(same).length, 1, `${action} when ${from}`);
      const refused = refusals.some((one) => one.action === action && one.from.includes(from));
      assert.ok(!refused, `${action} when ${from}`);
    }
  });

  it("has for every state the one that the other sees", () => {
    for (const name of names) {
      const { mine, theirs } = states[name];
      const seen = names.filter(
        (one) => states[one].mine === theirs && states[one].theirs === mine,
      );
      assert.equal(seen.length, 1, name);
    }
  });

  it("announces what happens, so that whoever replays the events knows what is", () => {
    const [one, other] = ["one", "other"];
    for (const { from, to, events, theirEvents = [] } of transitions) {
      const told = [
        ...events.map((event) => [event, one] as const),
        ...theirEvents.map((event) => [event, other] as const),
      ];
      assert.ok(told.length > 0);
      assert.deepEqual(replay(states[from], one, told), states[to], `${from} → ${to}`);
    }
  });

  it("is in the docs as it is in the code", () => {
    const docs = readFileSync(new URL("../../docs/friendships.md", import.meta.url), "utf8");
    assert.ok(docs.includes(`\n${pairTable()}\n`), "run node services/friends/pair-table.ts");
  });
});

describe("any sequence of calls by two people", () => {
  const friends = testFriends();
  const calls = (bounds: { minLength?: number; maxLength: number }) =>
    fc.array(fc.tuple(fc.boolean(), fc.constantFrom(...actions)), bounds);
  const strangers = { mine: "none", theirs: "none" } as const;

  async function attempt(...call: Parameters<typeof take>): Promise<string> {
    return take(...call).then(
      () => "done",
      (err) => reasonOf(err) ?? assert.fail(String(err)),
    );
  }

  it("one after the other does what the machine says, no more and no less", async () => {
    await fc.assert(
      fc.asyncProperty(calls({ maxLength: 12 }), async (sequence) => {
        const [ada, bruno] = [friends.person(), friends.person()];
        let state: PairState = "strangers";
        for (const [isAda, action] of sequence) {
          const from: PairState = isAda ? state : turned(state);
          const wanted: string = promised[from][action] ?? from;
          const isRefusal = !(wanted in states);
          const outcome = await (isAda ? attempt(ada, action, bruno) : attempt(bruno, action, ada));
          assert.equal(outcome, isRefusal ? wanted : "done", `${action} when ${from}`);
          const to: PairState = isRefusal ? from : (wanted as PairState);
          state = isAda ? to : turned(to);
          assert.deepEqual(await relationsOf(ada, bruno), states[state]);
        }
        const told = await friends.eventsAbout(ada, bruno);
        assert.deepEqual(replay(strangers, ada, told), states[state]);
      }),
      { numRuns: 60 },
    );
  });

  it("at once leaves them in one state, which the events tell step by step", async () => {
    await fc.assert(
      fc.asyncProperty(calls({ minLength: 6, maxLength: 32 }), async (sequence) => {
        const [ada, bruno] = [friends.person(), friends.person()];
        await Promise.all(
          sequence.map(([isAda, action]) =>
            isAda ? attempt(ada, action, bruno) : attempt(bruno, action, ada),
          ),
        );
        const found = await relationsOf(ada, bruno);
        const told = await friends.eventsAbout(ada, bruno);
        assert.deepEqual(replay(strangers, ada, told), found);
      }),
      { numRuns: 60 },
    );
  });
});

function turned(state: PairState): PairState {
  const { mine, theirs } = states[state];
  const seen = names.find((one) => states[one].mine === theirs && states[one].theirs === mine);
  return seen ?? assert.fail();
}
