import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type { Page } from "playwright-core";
import { register } from "../base/accounts.ts";
import {
  browserSuite,
  skipWithoutBrowser,
  waitForHeading,
  waitForNetworkIdle,
  waitForText,
} from "./browser-suite.ts";

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

  it("come with their page from the server, which the browser takes over as it is", async () => {
    const { posts } = (await (await fetch(`${site.url}/v1/posts`)).json()) as Ids<"posts">;
    const { products } = (await (await fetch(`${site.url}/v1/products`)).json()) as Ids<"products">;
    // With another clock, zone and language than the server has.
    const reader = { timezoneId: "Pacific/Kiritimati", locale: "de-DE" };
    const page = await site.open("/", reader);
    await page.clock.setSystemTime(Date.now() + 3 * 86_400_000);
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(`${message.type()} ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.addInitScript(markServerElements);
    for (const from of ["/", path, `/posts/${posts[0]?.id}`, "/shop", `/shop/${products[0]?.id}`]) {
      await page.goto(site.url + from);
      await waitForNetworkIdle(page);
      assert.equal(await page.evaluate(isTakenOver), true, from);
      assert.deepEqual(complaints, [], from);
    }
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
    await page.getByRole("link", { name: "Plaza home" }).click();
    await waitForText(page, "Plaza cannot be reached.");
    await page.unroute(calls);
    await page.getByRole("button", { name: "Try again" }).click();
    await waitForText(page, "Note 45");
  });

  it("load by themselves once the server answers again", async () => {
    const page = await site.open("/sign-in");
    const calls = "**/plaza.posts.v1.PostService/ListPosts";
    await page.route(calls, (route) => route.abort());
    await page.getByRole("link", { name: "Plaza home" }).click();
    await waitForText(page, "Plaza cannot be reached.");
    await page.unroute(calls);
    await waitForText(page, "Note 45");
  });

  it("give way to a page that was never loaded: offline, or of a newer version", async () => {
    const page = await site.open("/");
    await waitForText(page, "Note 45");
    await page.context().setOffline(true);
    await waitForText(page, "You are offline. Plaza reconnects automatically.");
    await page.getByRole("link", { name: "Shop" }).first().click();
    await waitForHeading(page, "You are offline");
    await page.context().setOffline(false);
    await waitForHeading(page, "Shop");
    // The files of this version are gone, until the page is loaded again.
    await page.route("**/assets/sign-in-page-*.js", (route) => route.fulfill({ status: 404 }));
    await page.evaluate(() => sessionStorage.clear());
    const reload = page.waitForEvent("load");
    await page.getByRole("link", { name: "Sign in" }).click();
    await reload;
    await page.unroute("**/assets/sign-in-page-*.js");
    await page.reload();
    await waitForHeading(page, "Sign in");
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
    const request = page.waitForRequest(/SearchPosts/);
    await page.getByRole("combobox", { name: "Sort results" }).selectOption("Best match");
    await page.waitForURL("**/?q=herons&order=relevance");
    await request;
    await waitForText(page, "Note 10");
    assert.equal((await postTitles(page)).length, 4);
    await page.getByRole("searchbox").fill("xylophones");
    await waitForText(page, "No posts found");
  });

  it("find members by the beginning of a nickname", async () => {
    const page = await site.openAs("nonadmin3", "/members");
    await page.getByRole("searchbox").fill("LIA");
    await page
      .getByRole("list", { name: "Members" })
      .getByText(/^liam_/)
      .waitFor();
    await page.getByRole("searchbox").fill("zzz_nobody");
    await waitForText(page, "No members found");
  });
});

type Ids<Name extends string> = Record<Name, { id: string }[]>;

/** Runs in the page, before its scripts: marks its parts as they come from the server. */
function markServerElements(): void {
  new MutationObserver(() => {
    if (document.readyState !== "loading") return;
    for (const element of document.querySelectorAll("main, h1")) {
      Object.assign(element, { isFromServer: true });
    }
  }).observe(document, { childList: true, subtree: true });
}

/** Runs in the page: whether React has its elements, and they are those of the server. */
function isTakenOver(): boolean {
  const elements = [...document.querySelectorAll("main, h1")];
  const hasReact = (element: Element) =>
    Object.keys(element).some((key) => key.startsWith("__react"));
  return elements.length === 2 && elements.every((one) => "isFromServer" in one && hasReact(one));
}

function postTitles(page: Page): Promise<string[]> {
  return page.getByRole("list", { name: "Posts" }).getByRole("heading").allTextContents();
}
