import type { Socket } from "node:net";
import { Setting, settings, settingsAck } from "../testing/frames.ts";
import { answerFrames, createMaterial, interleaved } from "./conversations.ts";
import { count, describeRound } from "./counters.ts";
import { oddFrame, oddShare, toBytes } from "./frames.ts";
import { Line } from "./fuzz-connection.ts";
import { mutatedBytes } from "./random.ts";
import type { SessionOptions } from "./server-session.ts";

const mostRounds = 60;
/** A client that was told to open no more streams calls no more. */
const idleMs = 200;
const opening = Buffer.concat([settings([Setting.MAX_CONCURRENT_STREAMS, 100]), settingsAck]);

/** Answers a client over one connection until that is over, or a good while. */
export async function attackClient(socket: Socket, options: SessionOptions): Promise<void> {
  const { random, tally, limitMs } = options;
  const waiting: number[] = [];
  let onCall: (() => void) | undefined;
  let last = "the preface";
  const line = new Line(socket, {
    limitMs,
    awaitsMagic: true,
    onFault: (fault) => options.onFault(`${fault} after ${last}`),
    onHeaders(stream) {
      waiting.push(stream);
      onCall?.();
    },
  });
  const called = async () => {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      onCall = resolve;
      timer = setTimeout(resolve, idleMs);
    });
    clearTimeout(timer);
  };
  tally.connections += 1;
  const isBadStart = random.chance(0.03);
  await line.write(isBadStart ? mutatedBytes(random, opening) : opening, random);
  const material = createMaterial(random);
  const rounds = isBadStart ? 0 : mostRounds;
  for (let round = 0; round < rounds && !line.isOver; round++) {
    if (waiting.length === 0) await called();
    if (waiting.length === 0) break;
    const streams = waiting.splice(0, 1 + random.below(3));
    const conversations = streams.map((stream) => answerFrames(material, stream));
    if (random.chance(oddShare)) conversations.push([oddFrame(random, streams[0] ?? 1)]);
    const frames = interleaved(random, conversations);
    const { bytes, isWhole } = toBytes(frames);
    last = describeRound(frames);
    await line.write(bytes, random);
    const isAlive = isWhole && (await line.probe());
    count(tally, frames, isAlive);
    if (!isAlive) break;
  }
  if (random.chance(0.2)) line.destroy();
  else await line.hangUp();
}
