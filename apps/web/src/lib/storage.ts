/** Runs `use` on the browser's storage; undefined when that throws, because storage is full or forbidden. */
export function tryStorage<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
