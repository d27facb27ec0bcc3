import { once } from "node:events";
import { connect } from "node:net";
import { MAGIC, Setting, settings, Type, windowUpdate } from "../testing/frames.ts";
import { endsStream } from "../testing/script.ts";
import { createMaterial, interleaved, type Material, requestFrames } from "./conversations.ts";
import { count, describeRound, type Tally } from "./counters.ts";
import { type Draft, oddFrame, oddShare, toBytes } from "./frames.ts";
import { Line } from "./fuzz-connection.ts";
import { mutatedBytes, type Random } from "./random.ts";

/** What a session needs. */
export type SessionOptions = {
  readonly random: Random;
  readonly limitMs: number;
  readonly tally: Tally;
  readonly onFault: (fault: string) => void;
};

const mostRounds = 40;
const opening = Buffer.concat([
  MAGIC,
  settings([Setting.INITIAL_WINDOW_SIZE, 65_535]),
  windowUpdate(0, 2 ** 30),
]);

/** Talks to a server over one connection until that is over, or a good while. */
export async function attackServer(port: number, options: SessionOptions): Promise<void> {
  const { random, tally, limitMs } = options;
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  let last = "the preface";
  const onFault = (fault: string) => options.onFault(`${fault} after ${last}`);
  const line = new Line(socket, { limitMs, awaitsMagic: false, onFault });
  const isBadStart = random.chance(0.03);
  await line.write(isBadStart ? mutatedBytes(random, opening) : opening, random);
  const material = createMaterial(random);
  const rounds = isBadStart ? 0 : mostRounds;
  const trust = new Trust();
  for (let round = 0; round < rounds && !line.isOver; round++) {
    const { frames, whole } = roundOf(material, 1 + 6 * round);
    const { bytes, isWhole } = toBytes(frames);
    last = describeRound(frames);
    trust.note(frames);
    await line.write(bytes, random);
    const isAlive = isWhole && (await line.probe());
    count(tally, frames, isAlive);
    if (!isAlive) break;
    await line.ended(whole.filter((stream) => trust.has(stream)));
  }
  tally.connections += 1;
  if (random.chance(0.2)) line.destroy();
  else await line.hangUp();
}

/** Knows of which calls it can be said that they must end. */
class Trust {
  readonly #touched = new Set<number>();

  /** Takes note of what was sent; what is wrong may concern the stream that it names, or all. */
  note(frames: readonly Draft[]): void {
    for (const { isMutated, stream } of frames) {
      if (isMutated) this.#touched.add(stream & 0x7fffffff);
    }
  }

  has(stream: number): boolean {
    return !this.#touched.has(0) && !this.#touched.has(stream);
  }
}

/** Frames of one to three calls, and the streams of those that were sent whole and unharmed. */
function roundOf(material: Material, first: number): { frames: Draft[]; whole: number[] } {
  const { random } = material;
  const whole: number[] = [];
  const conversations = Array.from({ length: 1 + random.below(3) }, (_, at) => {
    const stream = first + 2 * at;
    const frames = requestFrames(material, stream);
    const isCalledOff = frames.some(({ type }) => type === Type.RST_STREAM);
    const isHarmed = frames.some(({ isMutated }) => isMutated);
    if (frames.some(endsStream) && !isCalledOff && !isHarmed) whole.push(stream);
    return frames;
  });
  if (random.chance(oddShare)) conversations.push([oddFrame(random, first)]);
  return { frames: interleaved(random, conversations), whole };
}
