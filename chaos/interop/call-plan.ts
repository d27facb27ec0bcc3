import type { SeededRandom } from "../base/seeded-random.ts";

/** A call that a client is to make; the foreign clients in peers/ read it as a line of JSON. */
export type CallPlan = {
  readonly id: number;
  readonly kind: "unary" | "collect" | "expand" | "chat";
  /** Messages of a stream: of requests, or of replies for `expand`. */
  readonly count: number;
  /** Bytes in each message. */
  readonly size: number;
  readonly gzip: boolean;
  /** Each request waits for the reply to the one before. */
  readonly pingPong: boolean;
  /** The pause after each request. */
  readonly idleMs: number;
  /** How long the server waits before it answers. */
  readonly delayMs: number;
  /** 0 is none. */
  readonly deadlineMs: number;
  /** When the client cancels, counted from the start; null is never. */
  readonly cancelMs: number | null;
  /** The status that the server is to end with. */
  readonly status: number;
  /** The server ends after so many messages, while the client keeps its side open; 0 is not at all. */
  readonly early: number;
  /** Metadata that the server answers; empty is none. */
  readonly text: string;
  /** Binary metadata, in base64. */
  readonly bytes: string;
};

/** How a call went, as its client prints it. */
export type CallOutcome = {
  readonly id: number;
  readonly code: number;
  /** Messages received. */
  readonly messages: number;
  /** Whether all messages, and the metadata of a call that ran to its end, were those that the plan says. */
  readonly intact: boolean;
  readonly detail: string;
};

const kinds = ["unary", "collect", "expand", "chat"] as const;
const fates = [
  ...(["end", "end", "end", "end", "end", "end", "end"] as const),
  ...(["fail", "deadline", "cancel", "race"] as const),
] as const;

/** The handlers of calls that are to be ended by their client wait for so long. */
const neverMs = 60_000;

const simple: Omit<CallPlan, "id"> = {
  kind: "unary",
  count: 1,
  size: 20,
  gzip: false,
  pingPong: false,
  idleMs: 0,
  delayMs: 0,
  deadlineMs: 0,
  cancelMs: null,
  status: 0,
  early: 0,
  text: "",
  bytes: "",
};

/** Long streams of small messages, half of them one message at a time: about `messages` in all. */
export function planMessages(messages: number, firstId: number): CallPlan[] {
  const streams = 16;
  const count = Math.ceil(messages / streams);
  return Array.from({ length: streams }, (_, index) => ({
    ...simple,
    id: firstId + index,
    kind: "chat",
    count,
    pingPong: index % 2 === 0,
  }));
}

/** Streams on which nothing happens for a while, before and after a message. */
export function planIdleCalls(idleMs: number): CallPlan[] {
  return [
    { ...simple, id: 0, kind: "expand", count: 3, delayMs: idleMs },
    { ...simple, id: 1, kind: "chat", idleMs },
  ];
}

/** Calls of all kinds with random sizes, deadlines, cancellations, compression, metadata and pauses. */
export function planCalls(random: SeededRandom, calls: number, firstId: number): CallPlan[] {
  return Array.from({ length: calls }, (_, index) => planCall(random, firstId + index));
}

function planCall(random: SeededRandom, id: number): CallPlan {
  const isOneIn = (n: number) => random.nextInt(n) === 0;
  const kind = random.pick(kinds);
  const count = kind === "unary" ? 1 : random.nextInt(20);
  const size = kind === "collect" && count === 0 ? 0 : planSize(random, count);
  const early = kind === "chat" && count > 0 && isOneIn(5) ? 1 + random.nextInt(count) : 0;
  const plan: CallPlan = {
    ...simple,
    id,
    kind,
    count,
    size,
    gzip: isOneIn(4),
    pingPong: isOneIn(2),
    idleMs: isOneIn(20) ? 1 + random.nextInt(10) : 0,
    deadlineMs: isOneIn(4) ? neverMs : 0,
    early,
    text: isOneIn(3) ? planText(random) : "",
    bytes: isOneIn(3) ? planBytes(random) : "",
  };
  const momentMs = random.nextInt(30);
  switch (random.pick(fates)) {
    case "end":
      return plan;
    case "fail":
      return { ...plan, status: 1 + random.nextInt(16) };
    case "deadline":
      return { ...plan, deadlineMs: 1 + momentMs, delayMs: neverMs };
    case "cancel":
      return { ...plan, cancelMs: momentMs, delayMs: neverMs };
    case "race":
      return isOneIn(2)
        ? { ...plan, deadlineMs: 1 + momentMs, delayMs: momentMs }
        : { ...plan, cancelMs: momentMs, delayMs: momentMs };
  }
}

/** Mostly small; a few larger than a flow-control window of the default size, 65,535 bytes. */
function planSize(random: SeededRandom, count: number): number {
  const size = random.nextInt(random.pick([2, 100, 100, 1_000, 20_000]));
  return count <= 3 && random.nextInt(50) === 0 ? 200_000 + size : size;
}

function planText(random: SeededRandom): string {
  const length = 1 + random.nextInt(40);
  const inner = Array.from({ length }, () => String.fromCharCode(0x20 + random.nextInt(0x5f)));
  return `<${inner.join("")}>`;
}

function planBytes(random: SeededRandom): string {
  const length = 1 + random.nextInt(40);
  return Buffer.from(Array.from({ length }, () => random.nextInt(256))).toString("base64");
}
