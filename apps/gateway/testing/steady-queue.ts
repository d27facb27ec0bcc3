import { type AdmissionQueue, createAdmissionQueue } from "../overload/admission-queue.ts";
import { createConcurrencyLimit } from "../overload/concurrency-limit.ts";
import { overloadedError } from "../overload/overloaded-error.ts";

/** A queue whose limit is never cut, so that a test passes on a busy machine too. */
export function createSteadyQueue(): AdmissionQueue {
  return createAdmissionQueue(
    overloadedError,
    createConcurrencyLimit(() => 0),
  );
}
