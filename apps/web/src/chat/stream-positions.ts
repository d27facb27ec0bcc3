/**
 * The last seq that the stream has told of each chat, or from which it was to tell of it. What is read otherwise
 * does not move it: the stream tells of that all the same, to whatever has not read it.
 */
const told = new Map<string, number>();

/** The entry of a chat up to which the stream has told; 0 for none. */
export function positionIn(chatId: string): number {
  return told.get(chatId) ?? 0;
}

/** Has the stream tell of a chat from behind an entry on, unless it tells of that chat already. */
export function beginAt(chatId: string, seq: number): void {
  if (!told.has(chatId)) told.set(chatId, seq);
}

/** Moves on. False for an entry that was told before. */
export function moveOn(chatId: string, seq: number): boolean {
  if (seq <= positionIn(chatId)) return false;
  told.set(chatId, seq);
  return true;
}

export function forgetPosition(chatId: string): void {
  told.delete(chatId);
}

export function forgetPositions(): void {
  told.clear();
}

/** Where the stream is to go on: "<chat id>:<seq>" for each chat. */
export function allPositions(): string[] {
  return Array.from(told, ([chatId, seq]) => `${chatId}:${seq}`);
}
