const maxBatchSize = 100;

/**
 * Makes a function that loads one item from one that reads many: loads of the same event-loop turn share a batch of
 * at most 100 ids (as in DataLoader). It resolves to undefined for ids that `readBatch` does not return.
 */
export function createBatchLoader<T>(
  readBatch: (ids: string[]) => Promise<ReadonlyMap<string, T>>,
): (id: string) => Promise<T | undefined> {
  let batchIds: string[] = [];
  let batch: Promise<ReadonlyMap<string, T>> | undefined;
  return async (id) => {
    if (batchIds.length === maxBatchSize) batch = undefined;
    if (!batch) {
      const ids: string[] = [];
      batchIds = ids;
      batch = new Promise<void>((resolve) => setTimeout(resolve)).then(() => {
        if (batchIds === ids) batch = undefined;
        return readBatch([...new Set(ids)]);
      });
    }
    batchIds.push(id);
    return (await batch).get(id);
  };
}
