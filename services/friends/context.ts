import type { Deps } from "@plaza/kit/runtime/service";

/** Dependencies shared by the handlers. */
export type ServiceContext = Pick<Deps, "db" | "now" | "client" | "log"> & {
  /** How long a requester waits after the first, the second, … decline; the last is for all after it. */
  readonly declinePausesMs: readonly number[];
};

export function createContext({ db, now, client, log, config }: Deps): ServiceContext {
  const declinePausesMs = config.PLAZA_FRIENDS_DECLINE_PAUSE_SECONDS.map((one) => one * 1_000);
  return { db, now, client, log, declinePausesMs };
}
