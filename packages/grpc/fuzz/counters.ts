import { encodeFrames, type FrameDraft } from "./frames.ts";

/** Counts of what was sent. */
export type FuzzCounters = {
  /** Mutated frames that the target has certainly read. */
  mutated: number;
  frames: number;
  connections: number;
  /** Connections that the target has closed because of them. */
  closedByPeer: number;
};

export function createCounters(): FuzzCounters {
  return { mutated: 0, frames: 0, connections: 0, closedByPeer: 0 };
}

/**
 * Counts a round. Of one that ended the connection only the first mutated frame counts: those after it may not
 * have been read.
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

/** Describes a round, so that it can be repeated. */
export function formatRound(frames: readonly FrameDraft[]): string {
  const text = encodeFrames(frames).bytes.toString("hex");
  return text.length > 4_000 ? `${text.slice(0, 4_000)}…` : text;
}
