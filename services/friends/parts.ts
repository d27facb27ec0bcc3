import type { Deps } from "@plaza/kit/service";
import { lockPeople } from "./store.ts";

/** What the handlers share. */
export type Parts = Pick<Deps, "db" | "now" | "client" | "log"> & {
  readonly lockPeople: typeof lockPeople;
};

export function parts({ db, now, client, log }: Deps): Parts {
  return { db, now, client, log, lockPeople };
}
