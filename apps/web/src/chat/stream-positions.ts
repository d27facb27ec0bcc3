/**
 * By chat id, the seq of the last entry that the stream delivered, or after which it was asked to start. Other RPCs
 * do not advance it: the stream still delivers the entries that they read, and logs that were not read again need
 * them.
 */
const positions = new Map<string, number>();

/** The position of a chat; 0 when it has none. */
export function streamPosition(chatId: string): number {
  return positions.get(chatId) ?? 0;
}

/** Sets the start position of a chat unless it has one. */
export function initStreamPosition(chatId: string, seq: number): void {
  if (!positions.has(chatId)) positions.set(chatId, seq);
}

/** Advances the position; returns false for an entry that was delivered before. */
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

/** Resume tokens for Subscribe: "<chat id>:<seq>" for each chat. */
export function listStreamPositions(): string[] {
  return Array.from(positions, ([chatId, seq]) => `${chatId}:${seq}`);
}
