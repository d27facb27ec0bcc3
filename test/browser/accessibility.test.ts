import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { before, describe, it } from "node:test";
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";
import { type Member, signInDemo } from "../base/accounts.ts";
import { createProduct, placeOrder } from "../base/shop-fixtures.ts";
import {
  browserSuite,
  skipWithoutBrowser,
  waitForNetworkIdle,
  waitForText,
} from "./browser-suite.ts";
import { createSampleGroup } from "./chat-page.ts";
import { type PageView, pageViews } from "./page-views.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const viewportWidths = [320, 390, 820, 1440];

/** The rules of axe whose result a color scheme can change. */
const colorRules = ["color-contrast", "link-in-text-block"];

/** Playwright's default. */
const initialViewport = { width: 1280, height: 720 };

describe("every page", { skip: skipWithoutBrowser }, () => {
  const site = browserSuite({ keepsPages: true });
  const pages = new Map<PageView["signedInAs"], Page>();
  let ids: Record<string, string> = {};

  before(async () => {
    const admin = await signInDemo(site.url, "admin1");
    const { posts } = (await admin.request("GET /v1/posts?pageSize=1")).json() as Posts;
    const product = await createProduct(admin, { name: "A bench", pictureUrls: ["/demo/mug.svg"] });
    const order = await createDeliveredOrder(
      admin,
      await signInDemo(site.url, "nonadmin4"),
      product,
    );
    await makeCartOutdated(admin, await signInDemo(site.url, "nonadmin3"));
    const chat = await createSampleGroup(site.url);
    ids = { post: posts[0]?.id ?? "", author: posts[0]?.authorId ?? "", product, order, chat };
  });

  for (const view of pageViews) {
    it(`has no axe violation in light and dark, no horizontal scroll and no small target: ${view.name}`, async () => {
      const page = await open(view);
      await page.evaluate(axe);
      assert.deepEqual(await axeViolations(page), [], "light");
      await page.emulateMedia({ colorScheme: "dark" });
      assert.deepEqual(await axeViolations(page, colorRules), [], "dark");
      for (const width of viewportWidths) {
        await page.setViewportSize({ width, height: 900 });
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.equal(overflow, 0, `scrolls horizontally at ${width} px`);
        if (width === 390) assert.deepEqual(await smallTargets(page), []);
      }
    });
  }

  /** Opens the view in the page of its user: a page with a warm cache loads in a fraction of the time. */
  async function open({ path, signedInAs, readyText, interact }: PageView): Promise<Page> {
    const fullPath = path.replace(/{(\w+)}/, (_, name: string) => ids[name] ?? "");
    const page = await pageOf(signedInAs, fullPath);
    await waitForText(page, readyText);
    await waitForNetworkIdle(page);
    // The live stream, once connected, has what failed read again.
    await waitForText(page, readyText);
    await interact?.(page);
    return page;
  }

  async function pageOf(user: PageView["signedInAs"], path: string): Promise<Page> {
    const known = pages.get(user);
    if (!known) {
      const page = user ? await site.openAs(user, path) : await site.open(path);
      pages.set(user, page);
      return page;
    }
    await known.emulateMedia({ colorScheme: "light" });
    await known.setViewportSize(initialViewport);
    await known.goto(site.url + path);
    return known;
  }
});

type Posts = { posts: { id: string; authorId: string }[] };
type Carts = { items: { productId: string; quantity: number }[] };

/** Places two orders of the member; returns the second, which is delivered. */
async function createDeliveredOrder(
  admin: Member,
  member: Member,
  productId: string,
): Promise<string> {
  await placeOrder(member, productId);
  const id = await placeOrder(member, productId);
  for (const step of ["confirmPayment", "ship", "deliver"]) {
    await admin.request(`POST /v1/orders/${id}:${step}`, { note: "Number 4711" });
  }
  return id;
}

/** Retires the first product of the member's cart, raises the price of the second, takes the third out of stock. */
async function makeCartOutdated({ request }: Member, member: Member): Promise<void> {
  const { items } = (await member.request("GET /v1/carts/me")).json() as Carts;
  const [retired, dearer, scarce] = items.map(({ productId }) => `/v1/products/${productId}`);
  await request(`DELETE ${retired}`);
  await request(`PATCH ${dearer}`, { priceMinor: "5000" });
  const { stock } = (await request(`GET ${scarce}`)).json() as { stock: number };
  await request(`POST ${scarce}:restock`, { quantity: 1 - stock });
}

/** One line for each rule violated, of all or of those given. Only these leave the page: a whole result is megabytes. */
function axeViolations(page: Page, rules?: readonly string[]): Promise<string[]> {
  return page.evaluate(
    async (runOnly) => {
      const { axe } = window as unknown as {
        axe: { run(options: RunOptions): Promise<AxeResults> };
      };
      const { violations } = await axe.run({
        resultTypes: ["violations"],
        selectors: false,
        ...(runOnly && { runOnly }),
      });
      return violations.map(({ impact, id, nodes }) => `${impact} ${id}: ${nodes[0]?.html}`);
    },
    rules && { type: "rule" as const, values: [...rules] },
  );
}

/**
 * The controls smaller than 44 px either way (WCAG 2.5.5), with what `::after` adds to them. Links inside of a sentence
 * or of what members wrote are exempt.
 */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const leastPx = 43.5;
    const isExempt = (control: Element) =>
      control.closest(".sr-only, .prose, [aria-hidden=true]") !== null ||
      (getComputedStyle(control).display === "inline" && control.closest("p, [role=status]"));
    const sizeOf = (control: Element) => {
      const target = control.matches("[type=radio], [type=checkbox]")
        ? (control.closest("label") ?? control)
        : control;
      const { width, height } = target.getBoundingClientRect();
      const after = getComputedStyle(target, "::after");
      const extra = after.position === "absolute" ? after : undefined;
      return [
        Math.max(width, Number.parseFloat(extra?.width ?? "") || 0),
        Math.max(height, Number.parseFloat(extra?.height ?? "") || 0),
      ] as const;
    };
    return [...document.querySelectorAll("a[href], button, input, select, textarea")]
      .filter((control) => control.checkVisibility({ visibilityProperty: true }))
      .filter((control) => !isExempt(control))
      .flatMap((control) => {
        const [width, height] = sizeOf(control);
        if (width >= leastPx && height >= leastPx) return [];
        return [`${Math.round(width)} × ${Math.round(height)}: ${control.outerHTML.slice(0, 120)}`];
      });
  });
}
