import { UserService } from "@plaza/contract/users/v1/users";
import { findUserIds } from "@plaza/kit/clients/users";
import { applyTransition } from "./apply-transition.ts";
import type { ServiceContext } from "./context.ts";
import type { FriendAction } from "./pair-state-machine.ts";
import * as store from "./store.ts";

const demoIntervalMs = 11 * 60 * 60 * 1_000;

/** What the demo accounts did, oldest first. */
const demoActions: readonly (readonly [string, FriendAction, string])[] = [
  ["ada", "Request", "bruno"],
  ["bruno", "Confirm", "ada"],
  ["clara", "Request", "ada"],
  ["ada", "Confirm", "clara"],
  ["bruno", "Request", "dmitri"],
  ["dmitri", "Confirm", "bruno"],
  ["clara", "Request", "bruno"],
  ["dmitri", "Request", "ada"],
];

/** Applies the demo actions between the demo accounts that exist, unless there are pairs. */
export async function seed(deps: ServiceContext): Promise<void> {
  const { db, client, now } = deps;
  if (await store.hasPairs(db)) return;
  const nicknames = demoActions.flatMap(([nickname, , other]) => [nickname, other]);
  const ids = await findUserIds(client(UserService), nicknames);
  for (const [index, [nickname, action, other]] of demoActions.entries()) {
    const [userId, otherId] = [ids.get(nickname), ids.get(other)];
    const at = new Date(now().getTime() - (demoActions.length - index) * demoIntervalMs);
    const pastDeps = { ...deps, now: () => at };
    // Two processes that seed at the same time apply the same transitions, which take effect once.
    if (userId && otherId) {
      await db.begin((tx) => applyTransition(tx, pastDeps, { userId, otherId }, action));
    }
  }
}
