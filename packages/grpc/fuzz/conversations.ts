import { dependency, Flag, padded, Type } from "../testing/frames.ts";
import { type Field, without } from "../testing/messages.ts";
import { answerFields, mutatedFields, requestFields, trailerFields } from "./fields.ts";
import { type Draft, disturbedFrames, draft, harmlessFrame, mutatedFrames } from "./frames.ts";
import { type BlockWriter, createBlockWriter, mutatedBlock } from "./header-blocks.ts";
import { framed, mutatedMessage } from "./messages.ts";
import type { Random } from "./random.ts";

/** What conversations are made from. */
export type Material = {
  readonly random: Random;
  readonly write: BlockWriter;
  /** In how large a share of places something is wrong that mostly ends the connection. */
  readonly harsh: number;
  /** The same of what mostly ends no more than the call, or nothing. */
  readonly mild: number;
};

const empty = Buffer.alloc(0);

/** What the conversations of one connection are made from. */
export function createMaterial(random: Random): Material {
  const harsh = random.pick([0.001, 0.005, 0.02]);
  return { random, write: createBlockWriter(random), harsh, mild: random.pick([0.1, 0.3, 0.6]) };
}

/** A call on a stream, from its headers to its end. */
export function requestFrames(material: Material, stream: number): Draft[] {
  const { random } = material;
  const isBare = random.chance(0.05);
  const frames = headerFrames(material, stream, requestFields(random), isBare);
  if (!isBare) frames.push(...bodyFrames(material, stream, !random.chance(0.1)));
  if (random.chance(0.05)) {
    frames.push(...headerFrames(material, stream, [["x-end", "1"]], true));
  }
  if (random.chance(0.1)) frames.push(draft(Type.RST_STREAM, 0, stream, Buffer.of(0, 0, 0, 8)));
  return finished(material, stream, frames);
}

/** An answer on a stream, from its headers to its trailers. */
export function answerFrames(material: Material, stream: number): Draft[] {
  const { random } = material;
  const first = answerFields(random);
  if (random.chance(0.15)) {
    const only = [...first, ...trailerFields(random)];
    return finished(material, stream, headerFrames(material, stream, only, true));
  }
  const frames: Draft[] = [];
  if (random.chance(0.05)) {
    frames.push(...headerFrames(material, stream, [[":status", "103"]], false));
  }
  const status = random.chance(0.03) ? "503" : "200";
  frames.push(...headerFrames(material, stream, without(first, ":status", status), false));
  frames.push(...bodyFrames(material, stream, false));
  frames.push(...headerFrames(material, stream, trailerFields(random), true));
  return finished(material, stream, frames);
}

/** Several conversations as one sequence, in which each keeps its order. */
export function interleaved(random: Random, conversations: readonly Draft[][]): Draft[] {
  const left = conversations.map((frames) => [...frames]).filter((frames) => frames.length > 0);
  const result: Draft[] = [];
  while (left.length > 0) {
    const at = random.below(left.length);
    const frames = left[at] as Draft[];
    // A header block stands in one piece.
    do result.push(frames.shift() as Draft);
    while (frames[0]?.type === Type.CONTINUATION);
    if (frames.length === 0) left.splice(at, 1);
  }
  return result;
}

function finished({ random, harsh, mild }: Material, stream: number, frames: Draft[]): Draft[] {
  if (random.chance(0.3)) {
    const isInBlock = (at: number) => frames[at]?.type === Type.CONTINUATION;
    const at = random.below(frames.length + 1);
    if (!isInBlock(at)) frames.splice(at, 0, harmlessFrame(random, stream));
  }
  return mutatedFrames(random, disturbedFrames(random, frames, mild), harsh);
}

function headerFrames(
  { random, write, harsh, mild }: Material,
  stream: number,
  fields: readonly Field[],
  isEnd: boolean,
): Draft[] {
  const areFieldsMutated = random.chance(mild);
  const isBlockMutated = random.chance(2 * harsh);
  const written = write(areFieldsMutated ? mutatedFields(random, fields) : fields);
  const block = isBlockMutated ? mutatedBlock(random, written) : written;
  const isMutated = areFieldsMutated || isBlockMutated;
  const end = isEnd ? Flag.END_STREAM : 0;
  const cuts = random.chance(0.2) ? random.below(4) : Math.floor(block.length / 16_000);
  const parts = pieces(random, block, cuts + 1);
  return parts.map((part, at) => {
    const flags = at === parts.length - 1 ? Flag.END_HEADERS : 0;
    if (at > 0) return draft(Type.CONTINUATION, flags, stream, part, isMutated);
    return decorated(random, draft(Type.HEADERS, flags | end, stream, part, isMutated));
  });
}

function bodyFrames({ random, mild }: Material, stream: number, isEnd: boolean): Draft[] {
  let isMutated = false;
  const messages = Array.from({ length: random.pick([0, 1, 1, 1, 1, 2, 3]) }, () => {
    if (!random.chance(mild)) return framed(random);
    isMutated = true;
    return mutatedMessage(random);
  });
  const body = Buffer.concat(messages);
  const parts = pieces(random, body, 1 + random.below(4) + Math.floor(body.length / 16_000));
  return parts.map((part, at) => {
    const flags = isEnd && at === parts.length - 1 ? Flag.END_STREAM : 0;
    return decorated(random, draft(Type.DATA, flags, stream, part, isMutated));
  });
}

/** With padding or a priority, at times. */
function decorated(random: Random, one: Draft): Draft {
  if (one.type === Type.HEADERS && random.chance(0.1)) {
    const payload = Buffer.concat([dependency(0), one.payload]);
    return { ...one, flags: one.flags | Flag.PRIORITY, payload };
  }
  if (!random.chance(0.1)) return one;
  const payload = padded(one.payload, random.below(100));
  return { ...one, flags: one.flags | Flag.PADDED, payload };
}

/** Cuts bytes into so many pieces, of which some may be empty. */
function pieces(random: Random, bytes: Buffer, count: number): Buffer[] {
  if (count === 1) return [bytes];
  const cuts = Array.from({ length: count - 1 }, () => random.below(bytes.length + 1));
  const ends = [...cuts.sort((a, b) => a - b), bytes.length];
  let from = 0;
  return ends.map((end) => {
    const part = end > from ? bytes.subarray(from, end) : empty;
    from = end;
    return part;
  });
}
