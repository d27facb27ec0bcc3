import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@plaza/kit/telemetry/log";
import { createFileCache } from "./file-cache.ts";
import type { PageRenderer } from "./page-renderer.ts";
import { createStaticFile, type StaticFile } from "./static-files.ts";

/** Pages as the server renders them. */
export type RenderedPages = {
  /**
   * The document of a page; undefined of one that is not rendered. While the process is busy, and when what a page
   * reads fails or takes long, it is `unrendered`, which the browser renders.
   */
  get(lookup: PageLookup, unrendered: StaticFile | undefined): Promise<StaticFile | undefined>;
  /** Drops all pages. */
  clear(): void;
};

/** Which page is asked for, and by whom. */
export type PageLookup = {
  readonly path: string;
  readonly query: string;
  readonly isVisitor: boolean;
  /** Whether a person would read the page that says that nothing is at a path. */
  readonly isNavigation: boolean;
};

export type RenderedPagesOptions = {
  /** Loads the renderer, at the first request for a page. */
  readonly load: () => Promise<PageRenderer | undefined>;
  /** Admits a render among the calls in flight. Rejects when the process is busy. */
  readonly acquire: () => (() => void) | Promise<() => void>;
  readonly log: Logger;
  /** A monotonic clock in milliseconds. */
  readonly now?: (() => number) | undefined;
};

/** How old a page may be when something has changed of which this process hears nothing. */
const maxAgeMs = 10_000;
const maxCachedBytes = 16 * 1024 * 1024;
const renderTimeoutMs = 2_000;

/** Creates the pages, cached for everybody. */
export function createRenderedPages(options: RenderedPagesOptions): RenderedPages {
  const { load, acquire, log, now } = options;
  const cache = createFileCache({ maxAgeMs, maxBytes: maxCachedBytes, now });
  let renderer: Promise<PageRenderer | undefined> | undefined;

  async function render(
    { render: renderPage }: PageRenderer,
    url: string,
    isVisitor: boolean,
  ): Promise<StaticFile | undefined> {
    const release = await Promise.try(acquire).catch(() => undefined);
    if (!release) return undefined;
    try {
      const { status, html } = await renderPage({ url, isVisitor });
      // Browsers may keep it and ask whether it is still the same; what is right depends on the session cookie.
      const more = { status, vary: "cookie" };
      return createStaticFile("page.html", html, "private, no-cache", more);
    } catch (err) {
      log.warn({ err, url }, "a page was not rendered");
      return undefined;
    } finally {
      release();
    }
  }

  return {
    async get({ path, query, isVisitor, isNavigation }, unrendered) {
      renderer ??= load();
      const loaded = await renderer;
      const page = loaded?.find(path, query);
      if (!loaded || !page || (!page.isKnown && !isNavigation)) return undefined;
      const key = `${isVisitor ? "visitor" : "member"} ${page.url}`;
      const rendered = cache.getOrMake(key, () => render(loaded, page.url, isVisitor));
      const timer = new AbortController();
      const timeout = sleep(renderTimeoutMs, undefined, { ref: false, signal: timer.signal });
      try {
        return (await Promise.race([rendered, timeout.catch(() => undefined)])) ?? unrendered;
      } finally {
        timer.abort();
      }
    },
    clear: cache.clear,
  };
}
