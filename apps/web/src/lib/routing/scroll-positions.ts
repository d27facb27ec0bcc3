import { tryStorage } from "../storage.ts";

const storageKey = "plaza.scroll";

/** How far down each entry of the window's history was scrolled, kept over reloads. */
export type ScrollPositions = {
  get(key: string): number | undefined;
  /** Remembers that of the entry that is shown. */
  save(): void;
};

/** Takes over from the browser, which would scroll before the page is there. */
export function createScrollPositions(shownKey: () => string): ScrollPositions {
  const stored = tryStorage((): unknown => JSON.parse(sessionStorage.getItem(storageKey) ?? "{}"));
  const positions = new Map(Object.entries((stored ?? {}) as Record<string, number>));
  const save = () => void positions.set(shownKey(), window.scrollY);
  const takeOver = () => {
    window.history.scrollRestoration = "manual";
  };
  takeOver();
  window.addEventListener("pageshow", takeOver);
  window.addEventListener("pagehide", () => {
    save();
    const json = JSON.stringify(Object.fromEntries(positions));
    tryStorage(() => sessionStorage.setItem(storageKey, json));
    // A reload has the page at once, as the server renders it.
    window.history.scrollRestoration = "auto";
  });
  return { get: (key) => positions.get(key), save };
}
