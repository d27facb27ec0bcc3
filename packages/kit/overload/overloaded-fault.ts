import { Fault } from "../errors/fault.ts";

/** Why a call is rejected because the process has more to do than it can. */
export const overloadedFault = new Fault(
  "unavailable",
  "OVERLOADED",
  "Plaza has more to do than it can; try again soon",
  { retryAfterMs: 1_000 },
);
