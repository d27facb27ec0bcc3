import { type AdmissionQueue, createAdmissionQueue } from "@plaza/kit/overload/admission-queue";
import { createConcurrencyLimit } from "@plaza/kit/overload/concurrency-limit";

/** A queue whose limit is never cut, so that a test passes on a busy machine too. */
export function createSteadyQueue(): AdmissionQueue {
  return createAdmissionQueue(createConcurrencyLimit(() => 0));
}
