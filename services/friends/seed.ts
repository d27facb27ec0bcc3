import { UserService } from "@plaza/contract/users/v1/users";
import { findUserId } from "@plaza/kit/clients/users";
import { takeStep } from "./apply-transition.ts";
import type { Parts } from "./context.ts";
import type { Action } from "./pair-state-machine.ts";
import * as store from "./store.ts";

const apartMs = 11 * 60 * 60 * 1_000;

/** What the demo accounts did, by nickname, from the oldest to the newest. */
const steps: readonly (readonly [string, Action, string])[] = [
  ["ada", "Request", "bruno"],
  ["bruno", "Confirm", "ada"],
  ["clara", "Request", "ada"],
  ["ada", "Confirm", "clara"],
  ["bruno", "Request", "dmitri"],
  ["dmitri", "Confirm", "bruno"],
  ["clara", "Request", "bruno"],
  ["dmitri", "Request", "ada"],
];

/** Makes the demo accounts that exist friends, or have them ask each other, unless anybody has. */
export async function seed(parts: Parts): Promise<void> {
  const { db, client, now } = parts;
  if (await store.hasPairs(db)) return;
  const users = client(UserService);
  const ids = new Map<string, string>();
  for (const nickname of new Set(steps.flatMap(([one, , other]) => [one, other]))) {
    const id = await findUserId(users, nickname);
    if (id) ids.set(nickname, id);
  }
  for (const [index, [nickname, action, other]] of steps.entries()) {
    const [userId, otherId] = [ids.get(nickname), ids.get(other)];
    const at = new Date(now().getTime() - (steps.length - index) * apartMs);
    const then = { ...parts, now: () => at };
    // Two processes that seed at the same time take the same steps, which are there once.
    if (userId && otherId) {
      await db.begin((tx) => takeStep(tx, then, { userId, otherId }, action));
    }
  }
}
