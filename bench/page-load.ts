// What a visitor with a slow phone waits for on home, a post and the shop: Chromium with "Slow 4G" and a processor
// four times slower than this machine, an empty cache each time. `--url` measures a Plaza that runs already.
import { launchChromium, missingBrowser } from "../test/browser/chromium.ts";
import { parseBenchOptions } from "./base/options.ts";
import { startPlazaProcess } from "./base/plaza-process.ts";
import { median, printResult, printTable, roundsOf, seriesCells } from "./base/report.ts";
import { exitWithMessage } from "./base/required-programs.ts";
import { withScope } from "./base/scope.ts";
import { loadPage, type PageLoad } from "./page-load/load-page.ts";

const options = parseBenchOptions(
  { n: 7, slowdown: 4, url: "", pages: "home,post,shop" },
  { n: 1, slowdown: 1, pages: "home" },
);
if (missingBrowser) exitWithMessage(missingBrowser);

const measures: Record<keyof PageLoad, { readonly name: string; readonly digits: number }> = {
  fcpMs: { name: "first paint, ms", digits: 0 },
  lcpMs: { name: "largest paint, ms", digits: 0 },
  cls: { name: "layout shift", digits: 3 },
  scriptKb: { name: "scripts as gzip, kB", digits: 1 },
  transferKb: { name: "transferred, kB", digits: 0 },
};

await withScope(async (scope) => {
  const url = options.url || (await startPlazaProcess(scope)).url;
  const browser = await launchChromium();
  scope.defer(() => browser.close());
  const pathByPage: Record<string, string> = {
    home: "/",
    post: `/posts/${await findPostId(url)}`,
    shop: "/shop",
  };
  const pages = options.pages.split(",");
  const loads: Record<string, PageLoad[]> = Object.fromEntries(pages.map((page) => [page, []]));
  const { warmUp, counted } = roundsOf(options);
  for (let round = 0; round < warmUp + counted; round += 1) {
    for (const page of pages) {
      const device = { cpuSlowdown: options.slowdown };
      const load = await loadPage(browser, url + pathByPage[page], device);
      if (round >= warmUp) loads[page]?.push(load);
    }
  }
  const figures: Record<string, number> = {};
  const rows = [["measured", "median", "each"]];
  for (const page of pages) {
    for (const [key, { name, digits }] of Object.entries(measures)) {
      const values = (loads[page] ?? []).map((load) => load[key as keyof PageLoad]);
      rows.push(seriesCells({ name: `${page}: ${name}`, values }, "", digits));
      figures[`${page}_${key}`] = median(values);
    }
  }
  printTable(rows);
  printResult({ bench: "page-load", ratios: {}, figures, smoke: options.smoke });
});
process.exit();

async function findPostId(url: string): Promise<string> {
  const response = await fetch(`${url}/v1/posts?pageSize=1`);
  const { posts } = (await response.json()) as { posts: { id: string }[] };
  return posts[0]?.id ?? "";
}
