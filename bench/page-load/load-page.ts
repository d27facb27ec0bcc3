import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";

/** How a page loads for a reader who has never been here. */
export type PageLoad = {
  /** First Contentful Paint: until then the page is blank. */
  readonly fcpMs: number;
  /** Largest Contentful Paint. */
  readonly lcpMs: number;
  /** Cumulative Layout Shift: the sum of all shifts, thus no less than the score, which is of the worst window. */
  readonly cls: number;
  /** The scripts as gzip makes them, whatever coding they came in. */
  readonly scriptKb: number;
  /** Everything, as it came. */
  readonly transferKb: number;
};

/** A phone of 390 px on a network that is slow and a processor that is slower. */
export type Device = {
  /** How many times slower than this machine. */
  readonly cpuSlowdown: number;
};

/** "Slow 4G" of Lighthouse: 1.6 Mbit/s down, 750 kbit/s up, 150 ms for each round trip. */
const slow4g = {
  offline: false,
  latency: 150,
  downloadThroughput: 1_600_000 / 8,
  uploadThroughput: 750_000 / 8,
};

const quietMs = 1_500;
const timeoutMs = 60_000;

/** Loads a page with an empty cache, until it shows something and has asked for nothing more for a while. */
export async function loadPage(browser: Browser, url: string, device: Device): Promise<PageLoad> {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
  });
  try {
    const page = await context.newPage();
    const traffic = await watchTraffic(page, device);
    await page.addInitScript(observePaints);
    await page.goto(url, { waitUntil: "load", timeout: timeoutMs });
    await traffic.quiet();
    const { scriptKb, transferKb } = await traffic.sizes();
    return { ...(await page.evaluate(readPaints)), scriptKb, transferKb };
  } finally {
    await context.close();
  }
}

async function watchTraffic(page: Page, { cpuSlowdown }: Device) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Network.enable");
  await cdp.send("Network.emulateNetworkConditions", slow4g);
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: cpuSlowdown });
  const pending = new Set<string>();
  const scripts: Promise<Buffer>[] = [];
  let transferred = 0;
  let lastActivity = performance.now();
  cdp.on("Network.requestWillBeSent", ({ requestId }) => {
    pending.add(requestId);
    lastActivity = performance.now();
  });
  const onEnd = ({ requestId }: { requestId: string }) => {
    pending.delete(requestId);
    lastActivity = performance.now();
  };
  cdp.on("Network.loadingFailed", onEnd);
  cdp.on("Network.loadingFinished", (event) => {
    transferred += event.encodedDataLength;
    onEnd(event);
  });
  page.on("response", (response) => {
    if (response.request().resourceType() === "script") scripts.push(response.body());
  });
  return {
    async quiet() {
      lastActivity = performance.now();
      const until = lastActivity + timeoutMs;
      while (pending.size > 0 || performance.now() - lastActivity < quietMs) {
        if (performance.now() > until) throw new Error(`${page.url()} does not come to rest`);
        await sleep(50);
        // The page answers once its scripts have run, which may ask for more.
        const { fcpMs } = await page.evaluate(readPaints);
        if (Number.isNaN(fcpMs)) lastActivity = performance.now();
      }
    },
    async sizes() {
      const bytes = (await Promise.all(scripts)).map((body) => gzipSync(body, { level: 9 }).length);
      const scriptBytes = bytes.reduce((sum, length) => sum + length, 0);
      return { scriptKb: scriptBytes / 1_000, transferKb: transferred / 1_000 };
    },
  };
}

type Paints = Pick<PageLoad, "fcpMs" | "lcpMs" | "cls">;

/** Runs in the page, before its scripts. */
function observePaints(): void {
  const paints = { fcpMs: Number.NaN, lcpMs: Number.NaN, cls: 0 };
  Object.assign(globalThis, { paints });
  const observe = (type: string, onEntry: (entry: PerformanceEntry) => void) =>
    new PerformanceObserver((list) => list.getEntries().forEach(onEntry)).observe({
      type,
      buffered: true,
    });
  observe("paint", ({ name, startTime }) => {
    if (name === "first-contentful-paint") paints.fcpMs = startTime;
  });
  observe("largest-contentful-paint", ({ startTime }) => {
    paints.lcpMs = startTime;
  });
  observe("layout-shift", (entry) => {
    paints.cls += (entry as unknown as { value: number }).value;
  });
}

/** Runs in the page. */
function readPaints(): Paints {
  return (globalThis as unknown as { paints: Paints }).paints;
}
