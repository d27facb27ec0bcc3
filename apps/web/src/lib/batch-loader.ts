const maxBatchSize = 100;

/** Makes a read of one out of a read of many: what is asked for in the same moment is asked for together. */
export function createBatchLoader<T>(
  readBatch: (ids: string[]) => Promise<ReadonlyMap<string, T>>,
): (id: string) => Promise<T | undefined> {
  let waiting: string[] = [];
  let answer: Promise<ReadonlyMap<string, T>> | undefined;
  return async (id) => {
    if (waiting.length === maxBatchSize) answer = undefined;
    if (!answer) {
      const ids: string[] = [];
      waiting = ids;
      answer = new Promise<void>((resolve) => setTimeout(resolve)).then(() => {
        if (waiting === ids) answer = undefined;
        return readBatch([...new Set(ids)]);
      });
    }
    waiting.push(id);
    return (await answer).get(id);
  };
}
