import { once } from "node:events";
import { connect } from "node:net";
import {
  CLIENT_PREFACE_MAGIC,
  FrameType,
  SettingId,
  settings,
  windowUpdate,
} from "../testing/frames.ts";
import { endsStream } from "../testing/script.ts";
import {
  createFrameSource,
  type FrameSource,
  interleaveFrames,
  requestFrames,
} from "./conversations.ts";
import { countRound, type FuzzCounters, formatRound } from "./counters.ts";
import { encodeFrames, type FrameDraft, oddFrame, oddFrameRate } from "./frames.ts";
import { FuzzConnection } from "./fuzz-connection.ts";
import { type FuzzRandom, mutateBytes } from "./random.ts";

/** What a session needs. */
export type SessionOptions = {
  readonly random: FuzzRandom;
  readonly limitMs: number;
  readonly tally: FuzzCounters;
  readonly onFault: (fault: string) => void;
};

const maxRounds = 40;
const clientPreface = Buffer.concat([
  CLIENT_PREFACE_MAGIC,
  settings([SettingId.INITIAL_WINDOW_SIZE, 65_535]),
  windowUpdate(0, 2 ** 30),
]);

/** Talks to a server over one connection until that is over, or a good while. */
export async function attackServer(port: number, options: SessionOptions): Promise<void> {
  const { random, tally, limitMs } = options;
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  let last = "the preface";
  const onFault = (fault: string) => options.onFault(`${fault} after ${last}`);
  const line = new FuzzConnection(socket, { limitMs, expectsClientPreface: false, onFault });
  const isBadStart = random.chance(0.03);
  await line.write(isBadStart ? mutateBytes(random, clientPreface) : clientPreface, random);
  const material = createFrameSource(random);
  const rounds = isBadStart ? 0 : maxRounds;
  const trust = new UntouchedStreams();
  for (let round = 0; round < rounds && !line.isEnded; round++) {
    const { frames, whole } = createRound(material, 1 + 6 * round);
    const { bytes, isWhole } = encodeFrames(frames);
    last = formatRound(frames);
    trust.note(frames);
    await line.write(bytes, random);
    const isAlive = isWhole && (await line.probe());
    countRound(tally, frames, isAlive);
    if (!isAlive) break;
    await line.waitForStreams(whole.filter((stream) => trust.has(stream)));
  }
  tally.connections += 1;
  if (random.chance(0.2)) line.destroy();
  else await line.close();
}

/** Knows of which calls it can be said that they must end. */
class UntouchedStreams {
  readonly #touched = new Set<number>();

  /** Takes note of what was sent; what is wrong may concern the stream that it names, or all. */
  note(frames: readonly FrameDraft[]): void {
    for (const { isMutated, stream } of frames) {
      if (isMutated) this.#touched.add(stream & 0x7fffffff);
    }
  }

  has(stream: number): boolean {
    return !this.#touched.has(0) && !this.#touched.has(stream);
  }
}

/** Frames of one to three calls, and the streams of those that were sent whole and unharmed. */
function createRound(
  material: FrameSource,
  first: number,
): { frames: FrameDraft[]; whole: number[] } {
  const { random } = material;
  const whole: number[] = [];
  const conversations = Array.from({ length: 1 + random.below(3) }, (_, at) => {
    const stream = first + 2 * at;
    const frames = requestFrames(material, stream);
    const isCalledOff = frames.some(({ type }) => type === FrameType.RST_STREAM);
    const isHarmed = frames.some(({ isMutated }) => isMutated);
    if (frames.some(endsStream) && !isCalledOff && !isHarmed) whole.push(stream);
    return frames;
  });
  if (random.chance(oddFrameRate)) conversations.push([oddFrame(random, first)]);
  return { frames: interleaveFrames(random, conversations), whole };
}
