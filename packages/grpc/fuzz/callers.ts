import { setTimeout as sleep } from "node:timers/promises";
import { type Client, ConnectError } from "@connectrpc/connect";
import type { TestService } from "../gen/grpc/testing/test_pb.ts";
import { createFuzzRandom, type FuzzRandom } from "./random.ts";

/** Callers that keep a client busy. */
export type CallLoad = {
  /** How many calls ended, in success or not. */
  readonly outcomes: { succeeded: number; failed: number };
  /** Stops calling; settles when the calls in flight have ended or are late. */
  stop(): Promise<void>;
};

type CallLoadOptions = {
  readonly seed: number;
  readonly callers: number;
  /** How much later than its deadline a call may end, in milliseconds. */
  readonly limitMs: number;
  readonly onFault: (fault: string) => void;
};

const payload = { body: new Uint8Array(200) };

/** Starts that many callers, each of which makes one call after the other, with deadlines. */
export function startCallLoad(
  client: Client<typeof TestService>,
  { seed, callers, limitMs, onFault }: CallLoadOptions,
): CallLoad {
  const outcomes = { succeeded: 0, failed: 0 };
  let isStopped = false;
  const work = async (caller: number): Promise<void> => {
    const random = createFuzzRandom(seed + caller);
    while (!isStopped) {
      const timeoutMs = 10 + random.below(50);
      const ended = callOnce(client, random, timeoutMs).then(
        () => {
          outcomes.succeeded += 1;
        },
        (error: unknown) => {
          outcomes.failed += 1;
          const bug = findBug(error);
          if (bug) onFault(bug);
        },
      );
      const isLate = await isLateAfter(ended, timeoutMs + limitMs);
      if (!isLate) continue;
      onFault(`hang: a call is still pending ${limitMs} ms after its deadline`);
      return;
    }
  };
  const all = Promise.all(Array.from({ length: callers }, (_, caller) => work(caller)));
  return {
    outcomes,
    async stop() {
      isStopped = true;
      await all;
    },
  };
}

/** Resolves to whether the time limit was reached first. */
async function isLateAfter(ended: Promise<void>, ms: number): Promise<boolean> {
  const controller = new AbortController();
  const late = sleep(ms, true, { signal: controller.signal }).catch(() => false);
  const isLate = await Promise.race([ended.then(() => false), late]);
  controller.abort();
  return isLate;
}

async function callOnce(
  client: Client<typeof TestService>,
  random: FuzzRandom,
  timeoutMs: number,
): Promise<void> {
  const signal = random.chance(0.1) ? AbortSignal.timeout(random.below(timeoutMs)) : undefined;
  const options = { timeoutMs, headers: { "x-test": "1" }, ...(signal && { signal }) };
  const mostRead = random.chance(0.2) ? 1 : Number.POSITIVE_INFINITY;
  switch (random.below(6)) {
    case 0:
      await client.emptyCall({}, options);
      break;
    case 1:
      await client.streamingInputCall(randomRequests(random), options);
      break;
    case 2:
      await readMessages(client.streamingOutputCall({ payload }, options), mostRead);
      break;
    case 3:
      await readMessages(client.fullDuplexCall(randomRequests(random), options), mostRead);
      break;
    default:
      await client.unaryCall({ payload }, options);
  }
}

async function* randomRequests(random: FuzzRandom) {
  for (let left = random.below(4); left > 0; left--) yield { payload };
}

async function readMessages(messages: AsyncIterable<unknown>, most: number): Promise<void> {
  let count = 0;
  for await (const _ of messages) if (++count >= most) return;
}

/** Describes an error that no response may cause: any but a deliberate ConnectError. */
function findBug(error: unknown): string | undefined {
  if (!(error instanceof ConnectError)) return `bug: a call fails with ${error}`;
  const { cause } = error;
  const isBug = cause instanceof TypeError || cause instanceof RangeError;
  return isBug ? `bug: a call fails because of ${cause.stack}` : undefined;
}
