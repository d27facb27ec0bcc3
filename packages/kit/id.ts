import { randomUUIDv7 } from "node:crypto";

let latestMs = 0;
let counter = 0;

/**
 * Creates a UUIDv7 (RFC 9562) that is greater than all earlier ones of this process, so that lists ordered
 * by id are in order of time even within a millisecond: the 12 bits after the version are a counter
 * (section 6.2, method 1). `crypto.randomUUIDv7` guarantees no order within a millisecond.
 */
export function newId(): string {
  const nowMs = Date.now();
  if (nowMs > latestMs) {
    latestMs = nowMs;
    counter = 0;
  } else if (counter < 0xfff) {
    counter += 1;
  } else {
    latestMs += 1;
    counter = 0;
  }
  const time = latestMs.toString(16).padStart(12, "0");
  const count = counter.toString(16).padStart(3, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count}${randomUUIDv7().slice(18)}`;
}
