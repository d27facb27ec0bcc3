import { Flag, FrameType, priorityPayload, withPadding } from "../testing/frames.ts";
import { type HeaderField, replaceField } from "../testing/messages.ts";
import { mutateFields, requestFields, responseFields, trailerFields } from "./fields.ts";
import {
  createFrameDraft,
  disturbFrames,
  type FrameDraft,
  harmlessFrame,
  mutateFrames,
} from "./frames.ts";
import { type BlockWriter, createBlockWriter, mutatedBlock } from "./header-blocks.ts";
import { mutateMessage, randomMessage } from "./messages.ts";
import type { FuzzRandom } from "./random.ts";

/** The sources of conversations. */
export type FrameSource = {
  readonly random: FuzzRandom;
  readonly writeBlock: BlockWriter;
  /** The share of places with an error that mostly ends the connection. */
  readonly connectionErrorRate: number;
  /** The share of places with an error that mostly ends only the call, or nothing. */
  readonly streamErrorRate: number;
};

const emptyPayload = Buffer.alloc(0);

/** The sources of the conversations of one connection. */
export function createFrameSource(random: FuzzRandom): FrameSource {
  const connectionErrorRate = random.pick([0.001, 0.005, 0.02]);
  return {
    random,
    writeBlock: createBlockWriter(random),
    connectionErrorRate,
    streamErrorRate: random.pick([0.1, 0.3, 0.6]),
  };
}

/** A call on a stream, from its headers to its end. */
export function requestFrames(material: FrameSource, stream: number): FrameDraft[] {
  const { random } = material;
  const isBare = random.chance(0.05);
  const frames = headerFrames(material, stream, requestFields(random), isBare);
  if (!isBare) frames.push(...bodyFrames(material, stream, !random.chance(0.1)));
  if (random.chance(0.05)) {
    frames.push(...headerFrames(material, stream, [["x-end", "1"]], true));
  }
  if (random.chance(0.1))
    frames.push(createFrameDraft(FrameType.RST_STREAM, 0, stream, Buffer.of(0, 0, 0, 8)));
  return mutateConversation(material, stream, frames);
}

/** An answer on a stream, from its headers to its trailers. */
export function responseFrames(material: FrameSource, stream: number): FrameDraft[] {
  const { random } = material;
  const first = responseFields(random);
  if (random.chance(0.15)) {
    const only = [...first, ...trailerFields(random)];
    return mutateConversation(material, stream, headerFrames(material, stream, only, true));
  }
  const frames: FrameDraft[] = [];
  if (random.chance(0.05)) {
    frames.push(...headerFrames(material, stream, [[":status", "103"]], false));
  }
  const status = random.chance(0.03) ? "503" : "200";
  frames.push(...headerFrames(material, stream, replaceField(first, ":status", status), false));
  frames.push(...bodyFrames(material, stream, false));
  frames.push(...headerFrames(material, stream, trailerFields(random), true));
  return mutateConversation(material, stream, frames);
}

/** Several conversations as one sequence, in which each keeps its order. */
export function interleaveFrames(
  random: FuzzRandom,
  conversations: readonly FrameDraft[][],
): FrameDraft[] {
  const left = conversations.map((frames) => [...frames]).filter((frames) => frames.length > 0);
  const result: FrameDraft[] = [];
  while (left.length > 0) {
    const at = random.below(left.length);
    const frames = left[at] as FrameDraft[];
    // A header block must be contiguous.
    do result.push(frames.shift() as FrameDraft);
    while (frames[0]?.type === FrameType.CONTINUATION);
    if (frames.length === 0) left.splice(at, 1);
  }
  return result;
}

function mutateConversation(
  { random, connectionErrorRate, streamErrorRate }: FrameSource,
  stream: number,
  frames: FrameDraft[],
): FrameDraft[] {
  if (random.chance(0.3)) {
    const isInBlock = (at: number) => frames[at]?.type === FrameType.CONTINUATION;
    const at = random.below(frames.length + 1);
    if (!isInBlock(at)) frames.splice(at, 0, harmlessFrame(random, stream));
  }
  return mutateFrames(random, disturbFrames(random, frames, streamErrorRate), connectionErrorRate);
}

function headerFrames(
  { random, writeBlock, connectionErrorRate, streamErrorRate }: FrameSource,
  stream: number,
  fields: readonly HeaderField[],
  isEnd: boolean,
): FrameDraft[] {
  const areFieldsMutated = random.chance(streamErrorRate);
  const isBlockMutated = random.chance(2 * connectionErrorRate);
  const written = writeBlock(areFieldsMutated ? mutateFields(random, fields) : fields);
  const block = isBlockMutated ? mutatedBlock(random, written) : written;
  const isMutated = areFieldsMutated || isBlockMutated;
  const end = isEnd ? Flag.END_STREAM : 0;
  const cuts = random.chance(0.2) ? random.below(4) : Math.floor(block.length / 16_000);
  const parts = splitRandomly(random, block, cuts + 1);
  return parts.map((part, at) => {
    const flags = at === parts.length - 1 ? Flag.END_HEADERS : 0;
    if (at > 0) return createFrameDraft(FrameType.CONTINUATION, flags, stream, part, isMutated);
    return withPaddingOrPriority(
      random,
      createFrameDraft(FrameType.HEADERS, flags | end, stream, part, isMutated),
    );
  });
}

function bodyFrames(
  { random, streamErrorRate }: FrameSource,
  stream: number,
  isEnd: boolean,
): FrameDraft[] {
  let isMutated = false;
  const messages = Array.from({ length: random.pick([0, 1, 1, 1, 1, 2, 3]) }, () => {
    if (!random.chance(streamErrorRate)) return randomMessage(random);
    isMutated = true;
    return mutateMessage(random);
  });
  const body = Buffer.concat(messages);
  const parts = splitRandomly(random, body, 1 + random.below(4) + Math.floor(body.length / 16_000));
  return parts.map((part, at) => {
    const flags = isEnd && at === parts.length - 1 ? Flag.END_STREAM : 0;
    return withPaddingOrPriority(
      random,
      createFrameDraft(FrameType.DATA, flags, stream, part, isMutated),
    );
  });
}

/** Sometimes with padding or a priority. */
function withPaddingOrPriority(random: FuzzRandom, one: FrameDraft): FrameDraft {
  if (one.type === FrameType.HEADERS && random.chance(0.1)) {
    const payload = Buffer.concat([priorityPayload(0), one.payload]);
    return { ...one, flags: one.flags | Flag.PRIORITY, payload };
  }
  if (!random.chance(0.1)) return one;
  const payload = withPadding(one.payload, random.below(100));
  return { ...one, flags: one.flags | Flag.PADDED, payload };
}

/** Splits bytes into that many pieces, some of which may be empty. */
function splitRandomly(random: FuzzRandom, bytes: Buffer, count: number): Buffer[] {
  if (count === 1) return [bytes];
  const cuts = Array.from({ length: count - 1 }, () => random.below(bytes.length + 1));
  const ends = [...cuts.sort((a, b) => a - b), bytes.length];
  let from = 0;
  return ends.map((end) => {
    const part = end > from ? bytes.subarray(from, end) : emptyPayload;
    from = end;
    return part;
  });
}
