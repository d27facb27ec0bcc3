import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Bytes of objects and buffers that something still holds. */
export async function retainedBytes(): Promise<number> {
  // The memory of buffers is given back a turn after they are collected.
  for (let round = 0; round < 3; round++) {
    collectGarbage();
    await sleep(5);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
