import type { Deps } from "@plaza/kit/runtime/service";

/** Dependencies shared by the handlers. */
export type ServiceContext = Pick<Deps, "db" | "now" | "client" | "log">;
