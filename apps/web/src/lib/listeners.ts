/** Functions to call when something happens. */
export type Listeners<Args extends readonly unknown[]> = {
  /** Adds a listener; the returned function removes it. */
  add(listener: (...args: Args) => void): () => void;
  notify(...args: Args): void;
};

export function createListeners<Args extends readonly unknown[] = []>(): Listeners<Args> {
  const listeners = new Set<(...args: Args) => void>();
  return {
    add(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    notify(...args) {
      for (const listener of listeners) listener(...args);
    },
  };
}
