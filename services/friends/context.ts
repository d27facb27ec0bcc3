import { lockUsers } from "@plaza/kit/db/advisory-locks";
import type { Deps } from "@plaza/kit/runtime/service";

/** What the handlers share. */
export type ServiceContext = Pick<Deps, "db" | "now" | "client" | "log"> & {
  /**
   * Lets one transaction at a time change what is between any of these people and anybody: strangers have no
   * row that could be held, and what somebody has of friends can only be counted while it holds still.
   */
  readonly lockPeople: typeof lockUsers;
};

export function createContext({ db, now, client, log }: Deps): ServiceContext {
  return { db, now, client, log, lockPeople: lockUsers };
}
