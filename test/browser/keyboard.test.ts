import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Page } from "playwright-core";
import { newNickname } from "../base/accounts.ts";
import { browserSuite, skipWithoutBrowser, waitForHeading, waitForText } from "./browser-suite.ts";

describe("by keyboard alone", { skip: skipWithoutBrowser }, () => {
  const site = browserSuite();

  it("registers, writes, edits and deletes a post, and signs out", async () => {
    const nickname = newNickname("kay");
    const page = await site.open("/");
    await waitForHeading(page, "Posts");
    await tabTo(page, "Sign up");
    await page.keyboard.press("Enter");
    await waitForHeading(page, "Sign up");
    await typeInto(page, "E-mail", `${nickname}@example.org`);
    await typeInto(page, "Nickname", nickname);
    await typeInto(page, "Password", "a long road home");
    await page.keyboard.press("Enter");
    await waitForText(page, "Welcome to Plaza");

    await tabTo(page, "New post");
    await page.keyboard.press("Enter");
    await waitForHeading(page, "New post");
    await typeInto(page, "Title", "Typed");
    await typeInto(page, "Text", "No mouse was moved.");
    await tabTo(page, "Publish");
    await page.keyboard.press("Enter");
    await waitForHeading(page, "Typed");

    await tabTo(page, "Edit");
    await page.keyboard.press("Enter");
    await waitForHeading(page, "Edit post");
    await typeInto(page, "Title", "Typed twice");
    await page.keyboard.press("Enter");
    await waitForHeading(page, "Typed twice");

    await tabTo(page, "Delete");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.equal(await focusedName(page), "Delete", "the dialog gives the focus back");
    await page.keyboard.press("Enter");
    await tabTo(page, "Delete post");
    await page.keyboard.press("Enter");
    await waitForText(page, "Post deleted.");

    await tabTo(page, `Account menu: ${nickname}`);
    await page.keyboard.press("Enter");
    await tabTo(page, "Sign out");
    await page.keyboard.press("Enter");
    await waitForText(page, "You are signed out.");
  });

  it("skips to the content, and puts the focus on the heading of each page one goes to", async () => {
    const page = await site.open("/");
    await waitForHeading(page, "Posts");
    await page.keyboard.press("Tab");
    assert.equal(await focusedName(page), "Skip to content");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "content");
    await tabTo(page, "Sign in");
    await page.keyboard.press("Enter");
    await waitForHeading(page, "Sign in");
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), "H1");
    assert.equal(await page.title(), "Sign in · Plaza");
    await page.goBack();
    await waitForHeading(page, "Posts");
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Posts");
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
    await waitForHeading(page, "Posts");
    assert.equal(await page.evaluate(() => document.documentElement.dataset["theme"]), "dark");
    assert.equal(await background(), dark);
  });

  it("folds the menu with Escape and returns to its button", async () => {
    const page = await site.open("/");
    await waitForHeading(page, "Posts");
    await tabTo(page, "Menu");
    await page.keyboard.press("Enter");
    await tabTo(page, "System");
    await page.keyboard.press("Escape");
    assert.equal(await focusedName(page), "Menu");
  });
});

/** Presses Tab until the control of that name has the focus, which must be visible. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    if ((await focusedName(page)) === name) {
      assert.ok(await hasFocusRing(page), `the focus on ${name} cannot be seen`);
      return;
    }
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab does not reach ${name}`);
}

async function typeInto(page: Page, field: string, text: string): Promise<void> {
  await tabTo(page, field);
  await page.keyboard.press("Control+A");
  await page.keyboard.type(text);
}

function focusedName(page: Page): Promise<string> {
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
