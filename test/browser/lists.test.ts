import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { register } from "../base/accounts.ts";
import { browserSuite, skipWithoutBrowser, waitForText } from "./browser-suite.ts";

const postCount = 45;

describe("lists", { skip: skipWithoutBrowser }, () => {
  const site = browserSuite();
  let path = "";

  before(async () => {
    const { id, request } = await register(site.url, "liam");
    for (let n = 1; n <= postCount; n += 1) {
      const title = `Note ${n}`;
      const body = n % 10 === 0 ? "About herons." : "About nothing.";
      await request("POST /v1/posts", { title, body, idempotencyKey: `note-${n}` });
    }
    path = `/members/${id}`;
  });

  it("grow as one scrolls, newest first, each post once", async () => {
    const page = await site.open(path);
    await waitForText(page, `Note ${postCount}`);
    for (let end = 0; (await postTitles(page)).length < postCount && end < 20; end += 1) {
      await page.mouse.wheel(0, 20_000);
      await page.waitForTimeout(150);
    }
    const expected = Array.from({ length: postCount }, (_, n) => `Note ${postCount - n}`);
    assert.deepEqual(await postTitles(page), expected);
    assert.equal(await page.getByRole("button", { name: "Show more" }).count(), 0);
  });

  it("grow at the press of a button where scrolling is not watched", async () => {
    const page = await site.open("/sign-in");
    await page.addInitScript(() => Reflect.deleteProperty(window, "IntersectionObserver"));
    await page.goto(site.url + path);
    for (const count of [20, 40, postCount]) {
      await page
        .getByRole("listitem")
        .nth(count - 1)
        .waitFor();
      assert.equal((await postTitles(page)).length, count);
      if (count < postCount) await page.getByRole("button", { name: "Show more" }).click();
    }
  });

  it("show what failed, and retry", async () => {
    const page = await site.open("/sign-in");
    const calls = "**/plaza.posts.v1.PostService/ListPosts";
    await page.route(calls, (route) => route.abort());
    await page.getByRole("link", { name: "Plaza, home" }).click();
    await waitForText(page, "The server cannot be reached.");
    await page.unroute(calls);
    await page.getByRole("button", { name: "Try again" }).click();
    await waitForText(page, "Note 45");
  });

  it("find posts by their words, and keep the search in the address", async () => {
    const page = await site.open("/");
    await page.getByRole("searchbox", { name: "Search posts" }).fill("herons");
    await page.waitForURL("**/?q=herons");
    await waitForText(page, "Note 10");
    assert.deepEqual(await postTitles(page), ["Note 40", "Note 30", "Note 20", "Note 10"]);
    await page.reload();
    await waitForText(page, "Note 10");
    assert.equal((await postTitles(page)).length, 4);
    await page.getByRole("searchbox").fill("xylophones");
    await waitForText(page, "No post has these words");
  });

  it("find members by the beginning of a nickname", async () => {
    const page = await site.openAs("nonadmin3", "/members");
    await page.getByRole("searchbox").fill("LIA");
    await page
      .getByRole("list", { name: "Members" })
      .getByText(/^liam_/)
      .waitFor();
    await page.getByRole("searchbox").fill("zzz_nobody");
    await waitForText(page, "Nobody of that name");
  });
});

function postTitles(page: Page): Promise<string[]> {
  return page.getByRole("list", { name: "Posts" }).getByRole("heading").allTextContents();
}
