/** The last seq that the stream has told of each chat. */
const told = new Map<string, number>();

/** The entry of a chat that the stream has told last; 0 for none. */
export function positionIn(chatId: string): number {
  return told.get(chatId) ?? 0;
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
