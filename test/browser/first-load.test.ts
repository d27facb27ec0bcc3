import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PostSchema } from "@plaza/contract/posts/v1/posts";
import { register } from "../base/accounts.ts";
import {
  browserSuite,
  skipWithoutBrowser,
  waitForHeading,
  waitForNetworkIdle,
} from "./browser-suite.ts";

/** What makes calls: contracts, encoding and protocol. */
const callsUrl = "**/assets/calls-*.js";

describe("the code of calls", { skip: skipWithoutBrowser }, () => {
  const site = browserSuite();
  /** A word that one post has. */
  const writePost = async () => {
    const member = await register(site.url);
    const word = `zebra${member.nickname}`;
    await member.request("POST /v1/posts", { title: `On ${word}`, body: "Stripes." });
    return word;
  };

  it("is not loaded by a visitor's home, but when the visitor does something", async () => {
    const page = await site.open("/docs");
    const scripts: string[] = [];
    page.on("request", (request) => {
      if (request.resourceType() === "script") scripts.push(new URL(request.url()).pathname);
    });
    const response = await page.goto(site.url);
    const html = (await response?.text()) ?? "";
    await waitForNetworkIdle(page);
    assert.ok(scripts.length > 0);
    for (const path of scripts) assert.ok(html.includes(path), `${path} is not named`);
    const loading = page.waitForRequest(callsUrl);
    await page.mouse.move(200, 200);
    await loading;
  });

  it("lets calls wait until it is there", async () => {
    const word = await writePost();
    const page = await site.open("/docs");
    const { promise: isHeld, resolve: release } = Promise.withResolvers<void>();
    await page.route(callsUrl, async (route) => {
      await isHeld;
      await route.continue();
    });
    await page.goto(site.url);
    const loading = page.waitForRequest(callsUrl);
    await page.getByRole("searchbox").fill(word);
    await loading;
    release();
    await page.getByRole("link", { name: `On ${word}` }).waitFor();
  });

  it("comes later when it could not be loaded", async () => {
    const word = await writePost();
    const page = await site.open("/docs");
    await page.route(callsUrl, (route) => route.abort());
    await page.goto(site.url);
    await page.getByRole("searchbox").fill(word);
    await page.getByRole("alert").waitFor();
    await page.unroute(callsUrl);
    await page.getByRole("link", { name: `On ${word}` }).waitFor();
  });
});

describe("what a reader does before the code is there", { skip: skipWithoutBrowser }, () => {
  const site = browserSuite();
  /** Opens a rendered page, and returns it with the function that lets its code load. */
  const openWithoutCode = async (path: string) => {
    const page = await site.open("/docs");
    const { promise: isHeld, resolve: release } = Promise.withResolvers<void>();
    await page.route("**/assets/*.js", async (route) => {
      await isHeld;
      await route.continue();
    });
    await page.goto(site.url + path, { waitUntil: "commit" });
    return { page, release };
  };

  it("opens and closes what a button opens, once", async () => {
    const member = await register(site.url);
    const text = { title: "Early", body: "Bird." };
    const { id } = (await member.request("POST /v1/posts", text)).as(PostSchema);
    const { page, release } = await openWithoutCode(`/posts/${id}`);
    const details = page.getByRole("button", { name: "Details" });
    await details.click();
    await details.click();
    assert.equal(await details.getAttribute("aria-expanded"), "false");
    release();
    await page.getByRole("region", { name: "Author" }).getByText("Joined").last().waitFor();
  });

  it("searches for what was typed, also when Enter was pressed", async () => {
    for (const key of ["", "Enter"]) {
      const member = await register(site.url);
      const word = `okapi${member.nickname}`;
      await member.request("POST /v1/posts", { title: `On ${word}`, body: "Legs." });
      const { page, release } = await openWithoutCode("/");
      const field = page.getByRole("searchbox");
      await field.fill(word);
      if (key) await field.press(key);
      release();
      await page.waitForURL((url) => url.searchParams.get("q") === word);
      await page.getByRole("link", { name: `On ${word}` }).waitFor();
      assert.equal(await field.inputValue(), word);
    }
  });
});

describe("the way to another page", { skip: skipWithoutBrowser }, () => {
  const site = browserSuite();
  const signUpUrl = "**/assets/sign-up-page-*.js";

  it("leaves the page as it is until the code of the next one is there", async () => {
    const page = await site.open("/");
    const { promise: isHeld, resolve: release } = Promise.withResolvers<void>();
    await page.route(signUpUrl, async (route) => {
      await isHeld;
      await route.continue();
    });
    await page.getByRole("link", { name: "Sign up" }).first().click();
    await page.locator("main[aria-busy=true]").waitFor();
    await page.locator(".progress-bar").waitFor();
    await waitForHeading(page, "Posts");
    assert.equal(page.url(), `${site.url}/`);
    release();
    await waitForHeading(page, "Sign up");
    assert.equal(page.url(), `${site.url}/sign-up`);
    assert.equal(await page.locator("main").getAttribute("aria-busy"), "false");
  });

  it("leads on from a page that throws", async () => {
    const page = await site.open("/");
    const body = "export const SignUpPage = () => { throw new Error('no page'); };";
    await page.route(signUpUrl, (route) => route.fulfill({ contentType: "text/javascript", body }));
    await page.getByRole("link", { name: "Sign up" }).first().click();
    await waitForHeading(page, "Something went wrong");
    await page.goBack();
    await waitForHeading(page, "Posts");
  });
});

describe("the way back", { skip: skipWithoutBrowser }, () => {
  const site = browserSuite();

  it("leads to where the reader was on the page, also after a reload", async () => {
    const member = await register(site.url);
    for (const title of ["Lowest", "b", "c", "d", "e", "f", "g", "h"]) {
      await member.request("POST /v1/posts", { title, body: "Some words. ".repeat(40) });
    }
    const page = await site.open("/", { viewport: { width: 390, height: 600 } });
    const link = page.getByRole("link", { name: "Lowest" });
    const before = await link.evaluate((element) => {
      element.scrollIntoView({ block: "center" });
      return Math.round(window.scrollY);
    });
    assert.ok(before > 0);
    await link.click();
    await waitForHeading(page, "Lowest");
    await page.waitForFunction(() => window.scrollY === 0);
    await page.goBack();
    await page.waitForFunction((y) => Math.round(window.scrollY) === y, before);
    await page.reload();
    await page.waitForFunction((y) => Math.round(window.scrollY) === y, before);
  });

  it("is asked about while a text is not saved", async () => {
    const member = await register(site.url);
    const page = await site.openAsMember(member, "/");
    await page.locator('header a[href="/write"]').click();
    await page.getByLabel("Title").fill("Half a thought");
    await page.evaluate(() => window.history.back());
    await page.getByRole("dialog").getByRole("button", { name: "Stay" }).click();
    assert.equal(new URL(page.url()).pathname, "/write");
    assert.equal(await page.getByLabel("Title").inputValue(), "Half a thought");
    await page.evaluate(() => window.history.back());
    await page.getByRole("dialog").getByRole("button", { name: "Leave" }).click();
    await page.waitForURL(`${site.url}/`);
    await page.goForward();
    await page.waitForURL(`${site.url}/write`);
  });
});
