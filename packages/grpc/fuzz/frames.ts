import {
  Flag,
  type Frame,
  FrameType,
  frame,
  priorityPayload,
  SettingId,
  splitFrames,
  uint32,
} from "../testing/frames.ts";
import { type FuzzRandom, mutateBytes } from "./random.ts";

/** A frame to be sent. */
export type FrameDraft = Frame & {
  /** Whether it differs from a valid conversation in anything, including its place. */
  readonly isMutated: boolean;
  /** The length in its header, when it is not that of the payload. */
  readonly claimedLength?: number;
};

const types = [...Object.values(FrameType), 10, 0x7f, 0xff];
const flags = [0, 1, 4, 5, 8, 9, 0xc, 0xd, 0x20, 0x25, 0x2d, 0xff];
const numbers = [0, 1, 2, 3, 100, 1_023, 16_383, 16_384, 65_535, 65_536, 2 ** 24, 2 ** 31 - 1];
const edgeValues = [...numbers, 2 ** 31, 2 ** 32 - 1];
/** The share of rounds with an odd frame. */
export const oddFrameRate = 0.03;
const reservedBit = 0x80000000;

export function createFrameDraft(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer,
  isMutated = false,
): FrameDraft {
  return { type, flags, stream, payload, isMutated };
}

/** A frame that may come at any time and changes nothing about a stream, except for its window. */
export function harmlessFrame(random: FuzzRandom, stream: number): FrameDraft {
  switch (random.below(6)) {
    case 0:
      return createFrameDraft(FrameType.PING, 0, 0, random.bytes(8));
    case 1:
      return createFrameDraft(
        FrameType.SETTINGS,
        0,
        0,
        settingPayload(SettingId.INITIAL_WINDOW_SIZE, 2 ** 20),
      );
    case 2:
      return createFrameDraft(FrameType.WINDOW_UPDATE, 0, random.pick([0, stream]), uint32(2_000));
    case 3:
      return createFrameDraft(FrameType.PRIORITY, 0, stream, priorityPayload(0));
    case 4:
      return createFrameDraft(11 + random.below(200), random.below(256), stream, random.bytes(4));
    default:
      return createFrameDraft(FrameType.SETTINGS, Flag.ACK, 0, Buffer.alloc(0));
  }
}

/** A frame that is invalid or odd in any place. */
export function oddFrame(random: FuzzRandom, stream: number): FrameDraft {
  const odd = (type: number, payload: Buffer, flags = 0) =>
    createFrameDraft(type, flags, random.pick([0, stream, stream + 2, stream + 1]), payload, true);
  switch (random.below(9)) {
    case 0:
      return createFrameDraft(
        FrameType.SETTINGS,
        0,
        0,
        settingPayload(random.below(9), random.pick(edgeValues)),
        true,
      );
    case 1:
      return odd(FrameType.WINDOW_UPDATE, uint32(random.pick(edgeValues)));
    case 2:
      return odd(FrameType.RST_STREAM, uint32(random.below(16)));
    case 3:
      return odd(
        FrameType.GOAWAY,
        Buffer.concat([uint32(random.pick(edgeValues)), uint32(random.below(16))]),
      );
    case 4:
      return odd(FrameType.PUSH_PROMISE, Buffer.concat([uint32(stream + 1), random.bytes(6)]), 4);
    case 5:
      return odd(FrameType.CONTINUATION, random.bytes(5), random.pick([0, 4]));
    case 6:
      return odd(FrameType.DATA, random.bytes(random.below(40)), random.pick(flags));
    case 7:
      return odd(FrameType.DATA, Buffer.alloc(random.pick([16_384, 16_385, 30_000])));
    default:
      return odd(random.pick(types), random.bytes(random.below(20)), random.pick(flags));
  }
}

/** The frames, with a mutation that a connection should survive in that share of places. */
export function disturbFrames(
  random: FuzzRandom,
  frames: readonly FrameDraft[],
  share: number,
): FrameDraft[] {
  return frames.flatMap((one) => {
    if (!random.chance(share)) return [one];
    const disturbed = { ...one, isMutated: true };
    switch (random.below(4)) {
      case 0:
        return [{ ...disturbed, flags: one.flags | random.pick([0x10, 0x40, 0x80]) }];
      case 1:
        return [{ ...disturbed, stream: (one.stream | reservedBit) >>> 0 }];
      case 2:
        // A header block must be contiguous.
        return one.type > FrameType.HEADERS ? [one] : [strayFrame(random, one.stream), one];
      default:
        return one.type === FrameType.DATA ? [one, strayFrame(random, one.stream)] : [one];
    }
  });
}

function strayFrame(random: FuzzRandom, stream: number): FrameDraft {
  const stray = (type: number, payload: Buffer) =>
    createFrameDraft(type, random.pick([0, 0xd2]), stream, payload, true);
  const opened = Math.max(stream - 2, 1);
  switch (random.below(6)) {
    case 0:
      return { ...stray(FrameType.RST_STREAM, uint32(random.pick(edgeValues))), stream: opened };
    case 1:
      return { ...stray(FrameType.WINDOW_UPDATE, uint32(random.pick(edgeValues))), stream: opened };
    case 2:
      return { ...stray(FrameType.DATA, random.bytes(random.below(30))), stream: opened };
    case 3:
      return stray(
        FrameType.PRIORITY,
        priorityPayload(stream, random.below(256), random.chance(0.5)),
      );
    case 4:
      return { ...stray(FrameType.PING, random.bytes(8)), stream: 0 };
    default:
      return stray(10 + random.below(246), random.bytes(random.below(50)));
  }
}

/** The frames, mutated in that share of cases. */
export function mutateFrames(
  random: FuzzRandom,
  frames: readonly FrameDraft[],
  share: number,
): FrameDraft[] {
  const result: FrameDraft[] = [];
  let isMoved = false;
  for (const one of frames) {
    const next = isMoved ? { ...one, isMutated: true } : one;
    isMoved = false;
    if (!random.chance(share)) {
      result.push(next);
      continue;
    }
    switch (random.below(6)) {
      case 0:
        result.push(oddFrame(random, one.stream), next);
        break;
      case 1:
        result.push(next, { ...next, isMutated: true });
        break;
      case 2:
        isMoved = true;
        break;
      case 3:
        isMoved = true;
        result.splice(Math.max(result.length - 1, 0), 0, { ...next, isMutated: true });
        break;
      default:
        result.push(mutateFrame(random, next));
    }
  }
  return result;
}

function mutateFrame(random: FuzzRandom, one: FrameDraft): FrameDraft {
  const mutated = { ...one, isMutated: true };
  const { payload, stream } = one;
  switch (random.below(12)) {
    case 0:
    case 1:
      return { ...mutated, type: random.pick(types) };
    case 2:
    case 3:
      return { ...mutated, flags: random.pick(flags) };
    case 4:
    case 5:
      return {
        ...mutated,
        stream: random.pick([0, 1, stream + 1, stream + 2, stream - 2, stream | reservedBit]) >>> 0,
      };
    case 6:
      return { ...mutated, stream: random.chance(0.1) ? 2 ** 31 - 1 : (stream ^ 2) >>> 0 };
    case 7:
      return { ...mutated, payload: random.bytes(random.below(60)) };
    case 8:
      return { ...mutated, claimedLength: wrongLength(random, payload.length) };
    default:
      return { ...mutated, payload: mutateBytes(random, payload) };
  }
}

function wrongLength(random: FuzzRandom, length: number): number {
  return random.pick([0, length + 1, Math.max(length - 1, 0), length + 200, 16_385, 2 ** 24 - 1]);
}

/**
 * The bytes of frames. They are complete when what follows them is read as a frame; after a wrong length the
 * reader misinterprets it.
 */
export function encodeFrames(frames: readonly FrameDraft[]): { bytes: Buffer; isWhole: boolean } {
  const parts = frames.map((one) => {
    const bytes = frame(one.type, one.flags, one.stream, one.payload);
    if (one.claimedLength !== undefined) bytes.writeUIntBE(one.claimedLength, 0, 3);
    return bytes;
  });
  const bytes = Buffer.concat(parts);
  return { bytes, isWhole: splitFrames(bytes).rest.length === 0 };
}

function settingPayload(id: number, value: number): Buffer {
  return Buffer.concat([Buffer.of(0, id), uint32(value)]);
}
