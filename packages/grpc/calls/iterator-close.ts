/** Closes an iterator that is no longer read, and ignores its error. */
export async function closeIterator(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // No caller is left to report it to.
  }
}
