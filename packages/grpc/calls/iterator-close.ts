/** Ends an iterator that nobody reads any more. */
export async function closeIterator(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // There is nobody to hear of it.
  }
}
