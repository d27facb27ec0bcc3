import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { register } from "../base/accounts.ts";
import { shows, skip, suiteBrowser } from "./browser-suite.ts";

const written = 45;

describe("lists", { skip }, () => {
  const site = suiteBrowser();
  let path = "";

  before(async () => {
    const { id, ask } = await register(site.url, "liam");
    for (let n = 1; n <= written; n += 1) {
      const title = `Note ${n}`;
      const body = n % 10 === 0 ? "About herons." : "About nothing.";
      await ask("POST /v1/posts", { title, body, idempotencyKey: `note-${n}` });
    }
    path = `/members/${id}`;
  });

  it("grow as one scrolls, newest first, each post once", async () => {
    const page = await site.open(path);
    await shows(page, `Note ${written}`);
    for (let end = 0; (await titles(page)).length < written && end < 20; end += 1) {
      await page.mouse.wheel(0, 20_000);
      await page.waitForTimeout(150);
    }
    const expected = Array.from({ length: written }, (_, n) => `Note ${written - n}`);
    assert.deepEqual(await titles(page), expected);
    assert.equal(await page.getByRole("button", { name: "Show more" }).count(), 0);
  });

  it("grow at the press of a button where scrolling is not watched", async () => {
    const page = await site.open("/sign-in");
    await page.addInitScript(() => Reflect.deleteProperty(window, "IntersectionObserver"));
    await page.goto(site.url + path);
    for (const count of [20, 40, written]) {
      await page
        .getByRole("listitem")
        .nth(count - 1)
        .waitFor();
      assert.equal((await titles(page)).length, count);
      if (count < written) await page.getByRole("button", { name: "Show more" }).click();
    }
  });

  it("say what went wrong, and try again", async () => {
    const page = await site.open("/sign-in");
    const calls = "**/plaza.posts.v1.PostService/ListPosts";
    await page.route(calls, (route) => route.abort());
    await page.getByRole("link", { name: "Plaza, home" }).click();
    await shows(page, "The server cannot be reached.");
    await page.unroute(calls);
    await page.getByRole("button", { name: "Try again" }).click();
    await shows(page, "Note 45");
  });

  it("find posts by their words, and keep the search in the address", async () => {
    const page = await site.open("/");
    await page.getByRole("searchbox", { name: "Search posts" }).fill("herons");
    await page.waitForURL("**/?q=herons");
    await shows(page, "Note 10");
    assert.deepEqual(await titles(page), ["Note 40", "Note 30", "Note 20", "Note 10"]);
    await page.reload();
    await shows(page, "Note 10");
    assert.equal((await titles(page)).length, 4);
    await page.getByRole("searchbox").fill("xylophones");
    await shows(page, "No post has these words");
  });

  it("find members by the beginning of a nickname", async () => {
    const page = await site.openAs("nonadmin3", "/members");
    await page.getByRole("searchbox").fill("LIA");
    await page
      .getByRole("list", { name: "Members" })
      .getByText(/^liam_/)
      .waitFor();
    await page.getByRole("searchbox").fill("zzz_nobody");
    await shows(page, "Nobody of that name");
  });
});

function titles(page: Page): Promise<string[]> {
  return page.getByRole("list", { name: "Posts" }).getByRole("heading").allTextContents();
}
