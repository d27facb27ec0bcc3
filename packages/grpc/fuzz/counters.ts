import { encodeFrames, type FrameDraft } from "./frames.ts";

/** What was sent. */
export type FuzzCounters = {
  /** Frames with something wrong that the other side has read, so far as that is certain. */
  mutated: number;
  frames: number;
  connections: number;
  /** Connections that the other side has ended because of what it was sent. */
  closedByPeer: number;
};

export function createCounters(): FuzzCounters {
  return { mutated: 0, frames: 0, connections: 0, closedByPeer: 0 };
}

/**
 * Counts a round. Of one that ended the connection only the first frame that is wrong counts: what came
 * behind it may never have been read.
 */
export function countRound(
  tally: FuzzCounters,
  frames: readonly FrameDraft[],
  isAlive: boolean,
): void {
  const mutated = frames.filter(({ isMutated }) => isMutated).length;
  tally.mutated += isAlive ? mutated : Math.min(mutated, 1);
  tally.frames += frames.length;
  if (!isAlive) tally.closedByPeer += 1;
}

/** A round in words that allow to send it again. */
export function describeRound(frames: readonly FrameDraft[]): string {
  const text = encodeFrames(frames).bytes.toString("hex");
  return text.length > 4_000 ? `${text.slice(0, 4_000)}…` : text;
}
