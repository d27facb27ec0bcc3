/**
 * The last seq that the stream has told of each chat, or from which it was to tell of it. What is read otherwise
 * does not move it: the stream tells of that all the same, to whatever has not read it.
 */
const positions = new Map<string, number>();

/** The entry of a chat up to which the stream has told; 0 for none. */
export function streamPosition(chatId: string): number {
  return positions.get(chatId) ?? 0;
}

/** Has the stream tell of a chat from behind an entry on, unless it tells of that chat already. */
export function initStreamPosition(chatId: string, seq: number): void {
  if (!positions.has(chatId)) positions.set(chatId, seq);
}

/** Moves on. False for an entry that was told before. */
export function advanceStreamPosition(chatId: string, seq: number): boolean {
  if (seq <= streamPosition(chatId)) return false;
  positions.set(chatId, seq);
  return true;
}

export function deleteStreamPosition(chatId: string): void {
  positions.delete(chatId);
}

export function clearStreamPositions(): void {
  positions.clear();
}

/** Where the stream is to go on: "<chat id>:<seq>" for each chat. */
export function listStreamPositions(): string[] {
  return Array.from(positions, ([chatId, seq]) => `${chatId}:${seq}`);
}
