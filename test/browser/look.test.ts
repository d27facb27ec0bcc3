import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, it } from "node:test";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { rest } from "../http.ts";
import { shows, skip, suiteBrowser } from "./browser.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const widths = [390, 820, 1440];

type View = {
  name: string;
  path: string;
  as?: "nonadmin3" | "admin1";
  /** Text that is there once the page is. */
  sign: string;
  act?: (page: Page) => Promise<void>;
};

const views: View[] = [
  { name: "home, to a visitor", path: "/", sign: "min" },
  { name: "home, to a member", path: "/", as: "nonadmin3", sign: "Posts" },
  { name: "a search without a result", path: "/?q=xylophones", sign: "No post has these words" },
  { name: "sign in", path: "/sign-in", sign: "New here?" },
  { name: "sign up, refused", path: "/sign-up", sign: "Already a member?", act: submitNothing },
  { name: "a post", path: "/posts/{post}", as: "admin1", sign: "min read", act: unfoldAuthor },
  { name: "a dialog", path: "/posts/{post}", as: "admin1", sign: "min read", act: askToDelete },
  { name: "the editor", path: "/posts/{post}/edit", as: "admin1", sign: "Markdown:" },
  { name: "a member", path: "/members/{author}", sign: "Joined" },
  { name: "members", path: "/members?q=a", as: "nonadmin3", sign: "ada" },
  { name: "profile", path: "/account", as: "nonadmin3", sign: "What others see" },
  { name: "privacy", path: "/account/privacy", as: "nonadmin3", sign: "Who sees your phone" },
  { name: "password", path: "/account/password", as: "nonadmin3", sign: "New password" },
  { name: "sessions", path: "/account/sessions", as: "nonadmin3", sign: "This device" },
  { name: "delete account", path: "/account/delete", as: "nonadmin3", sign: "for good" },
  { name: "users", path: "/admin/users", as: "admin1", sign: "nonadmin3@email.com" },
  { name: "the menu", path: "/", as: "admin1", sign: "Posts", act: unfoldMenu },
  { name: "a page that is not there", path: "/nowhere", sign: "Back to the posts" },
];

describe("every page", { skip }, () => {
  const site = suiteBrowser();

  for (const view of views) {
    it(`fits its window and pleases axe by day and night: ${view.name}`, async () => {
      const page = await open(view);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.evaluate(axe);
        assert.deepEqual(await findings(page), [], colorScheme);
      }
      for (const width of widths) {
        await page.setViewportSize({ width, height: 900 });
        const over = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.equal(over, 0, `scrolls sideways at ${width} px`);
      }
    });
  }

  async function open({ path, as, sign, act }: View): Promise<Page> {
    const answer = (await rest(site.url)("GET /v1/posts?pageSize=1")).json();
    const [post] = (answer as { posts: { id: string; authorId: string }[] }).posts;
    const there = path.replace("{post}", post?.id ?? "").replace("{author}", post?.authorId ?? "");
    const page = as ? await site.openAs(as, there) : await site.open(there);
    await shows(page, sign);
    await page.waitForLoadState("networkidle");
    await act?.(page);
    return page;
  }
});

async function findings(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate(() => {
    const { axe } = window as unknown as { axe: { run(): Promise<AxeResults> } };
    return axe.run();
  });
  return violations.map(({ impact, id, nodes }) => `${impact} ${id}: ${nodes[0]?.html}`);
}

async function submitNothing(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Create account" }).click();
  await shows(page, "Give a complete e-mail address");
}

async function unfoldAuthor(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Details" }).click();
  await shows(page, "Joined");
}

async function askToDelete(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").waitFor();
}

async function unfoldMenu(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Menu of/ }).click();
  await page.getByText("Sign out").waitFor();
}
