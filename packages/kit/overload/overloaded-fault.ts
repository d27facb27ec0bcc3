import { Fault } from "../errors/fault.ts";

/** Why a call is rejected because the process has more to do than it can. */
export const overloadedFault = new Fault(
  "unavailable",
  "OVERLOADED",
  "the server is overloaded; try again shortly",
  { retryAfterMs: 1_000 },
);
