import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Page } from "playwright-core";
import { newNickname } from "../base/accounts.ts";
import { atHeading, shows, skip, suiteBrowser } from "./browser-suite.ts";

describe("by keyboard alone", { skip }, () => {
  const site = suiteBrowser();

  it("registers, writes, edits and deletes a post, and signs out", async () => {
    const nickname = newNickname("kay");
    const page = await site.open("/");
    await atHeading(page, "Posts");
    await tabTo(page, "Sign up");
    await page.keyboard.press("Enter");
    await atHeading(page, "Sign up");
    await type(page, "E-mail", `${nickname}@example.org`);
    await type(page, "Nickname", nickname);
    await type(page, "Password", "a long road home");
    await page.keyboard.press("Enter");
    await shows(page, "Welcome to Plaza");

    await tabTo(page, "Write");
    await page.keyboard.press("Enter");
    await atHeading(page, "Write a post");
    await type(page, "Title", "Typed");
    await type(page, "Text", "No mouse was moved.");
    await tabTo(page, "Publish");
    await page.keyboard.press("Enter");
    await atHeading(page, "Typed");

    await tabTo(page, "Edit");
    await page.keyboard.press("Enter");
    await atHeading(page, "Edit the post");
    await type(page, "Title", "Typed twice");
    await page.keyboard.press("Enter");
    await atHeading(page, "Typed twice");

    await tabTo(page, "Delete");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.equal(await focused(page), "Delete", "the dialog gives the focus back");
    await page.keyboard.press("Enter");
    await tabTo(page, "Delete post");
    await page.keyboard.press("Enter");
    await shows(page, "The post is deleted.");

    await tabTo(page, `Menu of ${nickname}`);
    await page.keyboard.press("Enter");
    await tabTo(page, "Sign out");
    await page.keyboard.press("Enter");
    await shows(page, "You are signed out.");
  });

  it("skips to the content, and puts the focus on the heading of each page one goes to", async () => {
    const page = await site.open("/");
    await atHeading(page, "Posts");
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "Skip to content");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "content");
    await tabTo(page, "Sign in");
    await page.keyboard.press("Enter");
    await atHeading(page, "Sign in");
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), "H1");
    assert.equal(await page.title(), "Sign in · Plaza");
  });

  it("chooses a theme with the arrows, and keeps it", async () => {
    const page = await site.open("/", { colorScheme: "light" });
    await tabTo(page, "Menu");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await tabTo(page, "System");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await background();
    await page.reload();
    await atHeading(page, "Posts");
    assert.equal(await page.evaluate(() => document.documentElement.dataset["theme"]), "dark");
    assert.equal(await background(), dark);
  });

  it("folds the menu with Escape and returns to its button", async () => {
    const page = await site.open("/");
    await atHeading(page, "Posts");
    await tabTo(page, "Menu");
    await page.keyboard.press("Enter");
    await tabTo(page, "System");
    await page.keyboard.press("Escape");
    assert.equal(await focused(page), "Menu");
  });
});

/** Presses Tab until the control of that name has the focus, which must be visible. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if ((await focused(page)) === name) {
      assert.ok(await hasFocusRing(page), `the focus on ${name} cannot be seen`);
      return;
    }
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab does not reach ${name}`);
}

async function type(page: Page, field: string, text: string): Promise<void> {
  await tabTo(page, field);
  await page.keyboard.press("Control+A");
  await page.keyboard.type(text);
}

function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const at = document.activeElement;
    if (at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement) {
      return at.labels?.[0]?.textContent ?? at.getAttribute("aria-label") ?? "";
    }
    if (!at?.matches("a, button")) return "";
    return at.querySelector(".sr-only")?.textContent ?? at.textContent.trim();
  });
}

function hasFocusRing(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const at = document.activeElement;
    // A visually hidden radio button shows its focus on the label around it.
    const shown = at?.closest("label") ?? at;
    return shown !== null && getComputedStyle(shown).outlineStyle !== "none";
  });
}
