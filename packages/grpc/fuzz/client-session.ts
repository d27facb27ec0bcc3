import type { Socket } from "node:net";
import { SettingId, settings, settingsAck } from "../testing/frames.ts";
import { createFrameSource, interleaveFrames, responseFrames } from "./conversations.ts";
import { countRound, formatRound } from "./counters.ts";
import { encodeFrames, oddFrame, oddFrameRate } from "./frames.ts";
import { FuzzConnection } from "./fuzz-connection.ts";
import { mutateBytes } from "./random.ts";
import type { SessionOptions } from "./server-session.ts";

const maxRounds = 60;
/** A client that may open no more streams makes no more calls. */
const idleMs = 200;
const serverPreface = Buffer.concat([
  settings([SettingId.MAX_CONCURRENT_STREAMS, 100]),
  settingsAck,
]);

/** Responds to a client on one connection until it closes, or for a bounded time. */
export async function attackClient(socket: Socket, options: SessionOptions): Promise<void> {
  const { random, tally, limitMs } = options;
  const waiting: number[] = [];
  let onCall: (() => void) | undefined;
  let last = "the preface";
  const line = new FuzzConnection(socket, {
    limitMs,
    expectsClientPreface: true,
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
  await line.write(isBadStart ? mutateBytes(random, serverPreface) : serverPreface, random);
  const material = createFrameSource(random);
  const rounds = isBadStart ? 0 : maxRounds;
  for (let round = 0; round < rounds && !line.isEnded; round++) {
    if (waiting.length === 0) await called();
    if (waiting.length === 0) break;
    const streams = waiting.splice(0, 1 + random.below(3));
    const conversations = streams.map((stream) => responseFrames(material, stream));
    if (random.chance(oddFrameRate)) conversations.push([oddFrame(random, streams[0] ?? 1)]);
    const frames = interleaveFrames(random, conversations);
    const { bytes, isWhole } = encodeFrames(frames);
    last = formatRound(frames);
    await line.write(bytes, random);
    const isAlive = isWhole && (await line.probe());
    countRound(tally, frames, isAlive);
    if (!isAlive) break;
  }
  if (random.chance(0.2)) line.destroy();
  else await line.close();
}
