import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { newNickname, register } from "../base/accounts.ts";
import {
  browserSuite,
  signIn,
  skipWithoutBrowser,
  waitForHeading,
  waitForNetworkIdle,
  waitForText,
} from "./browser-suite.ts";

describe("a member's journey", { skip: skipWithoutBrowser }, () => {
  const site = browserSuite();

  it("registers, writes, sees the post with its author, edits and deletes it", async () => {
    const nickname = newNickname("mia");
    const page = await site.open("/");
    await page.getByRole("region", { name: "Welcome" }).getByRole("link").click();
    await waitForHeading(page, "Sign up");
    await page.getByLabel("E-mail").fill(`${nickname}@example.org`);
    await page.getByLabel("Nickname").fill(nickname);
    await page.getByLabel("Password", { exact: true }).fill("a long road home");
    await page.getByRole("button", { name: "Create account" }).click();
    await waitForText(page, `Welcome to Plaza, ${nickname}.`);

    await page.getByRole("link", { name: "New post" }).click();
    await page.getByLabel("Title").fill("Bread at six");
    await page.getByLabel("Text").fill("The **oven** is warm.");
    await page.getByRole("region", { name: "Preview" }).getByText("oven").waitFor();
    await page.getByRole("button", { name: "Publish" }).click();
    await waitForHeading(page, "Bread at six");
    assert.equal(await page.locator(".prose strong").textContent(), "oven");
    const author = page.getByRole("region", { name: "Author" });
    await author.getByRole("link", { name: nickname }).waitFor();
    await author.getByRole("button", { name: "Details" }).click();
    await author.getByText("Joined").last().waitFor();

    await page.getByRole("link", { name: "Edit" }).click();
    await page.getByLabel("Title").fill("Bread at seven");
    await page.getByRole("button", { name: "Save" }).click();
    await waitForHeading(page, "Bread at seven");
    await page.reload();
    await waitForHeading(page, "Bread at seven");

    await page.getByRole("link", { name: "Plaza home" }).click();
    const row = page.getByRole("listitem").filter({ hasText: "Bread at seven" });
    await row.getByRole("link", { name: nickname }).waitFor();
    await row.getByRole("link", { name: "Bread at seven" }).click();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete post" }).click();
    await waitForText(page, "Post deleted.");
    await waitForHeading(page, "Posts");
    await page.getByRole("list", { name: "Posts" }).waitFor();
    assert.equal(await page.getByText("Bread at seven").count(), 0);
  });

  it("signs out, and in again with the nickname", async () => {
    const { nickname, email, password } = await register(site.url, "noor");
    const page = await site.open("/sign-in");
    await signIn(page, email, password);
    await page.getByRole("button", { name: `Account menu: ${nickname}` }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("link", { name: "Sign in" }).click();
    await signIn(page, nickname, password);
    await page.reload();
    await page.getByRole("button", { name: `Account menu: ${nickname}` }).waitFor();
  });

  it("sends a visitor to sign in, and back to the page that they asked for", async () => {
    const page = await site.open("/write");
    await waitForHeading(page, "Sign in");
    await signIn(page, "nonadmin4@email.com", "testPass123");
    await waitForHeading(page, "New post");
    assert.equal(new URL(page.url()).pathname, "/write");
  });

  it("loads for a visitor without an error in the console", async () => {
    const page = await site.open("/docs");
    const errors: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") errors.push(message.text());
    });
    for (const path of ["/", "/shop", "/sign-in"]) {
      await page.goto(site.url + path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.getByRole("link", { name: "Sign in" }).first().waitFor({ state: "attached" });
      await waitForNetworkIdle(page);
    }
    assert.deepEqual(errors, []);
  });

  it("never follows `next` to another site", async () => {
    for (const next of ["https://evil.example/", "//evil.example/", "/\\evil.example/"]) {
      const page = await site.openAs("nonadmin3", `/sign-in?next=${encodeURIComponent(next)}`);
      await page.waitForURL(`${site.url}/`);
    }
  });

  it("becomes a visitor when the session is ended elsewhere", async () => {
    const otto = await register(site.url, "otto");
    const page = await site.openAsMember(otto, "/");
    await page.getByRole("button", { name: /^Account menu:/ }).click();
    await page.getByRole("link", { name: "Account" }).click();
    await waitForHeading(page, "Profile");
    const changed = { currentPassword: otto.password, newPassword: "quite another one" };
    assert.equal((await otto.request("POST /v1/auth:changePassword", changed)).status, 200);
    await waitForText(page, "Your session has ended.");
    await waitForHeading(page, "Sign in");
  });

  it("ends one session and keeps the other", async () => {
    const pia = await register(site.url, "pia");
    const phone = await site.openAsMember(pia, "/");
    const desk = await site.openAsMember(pia, "/account/sessions");
    await waitForText(desk, "This device");
    const before = await desk.getByRole("button", { name: /^Sign out / }).count();
    await desk.getByRole("button", { name: /^Sign out Chrome/ }).click();
    await desk.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
    await waitForText(desk, "was signed out.");
    assert.equal(await desk.getByRole("button", { name: /^Sign out / }).count(), before - 1);
    await phone.reload();
    await phone.getByRole("link", { name: "Sign in" }).waitFor();
    await desk.reload();
    await waitForText(desk, "This device");
  });

  it("deletes an account once its nickname is typed", async () => {
    const rosa = await register(site.url, "rosa");
    const { nickname, email, password } = rosa;
    const page = await site.openAsMember(rosa, "/account/delete");
    await page.getByRole("button", { name: "Delete account" }).click();
    await waitForText(page, `Type ${nickname} to confirm.`);
    await page.getByLabel(`Type ${nickname} to confirm`).fill(nickname);
    await page.getByRole("button", { name: "Delete account" }).click();
    await waitForText(page, "Your account was deleted.");
    assert.equal(new URL(page.url()).pathname, "/");
    await page.goBack();
    assert.doesNotMatch(page.url(), /account/);
    await page.goto(`${site.url}/sign-in`);
    await page.getByLabel("E-mail or nickname").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await waitForText(page, "Wrong e-mail, nickname or password.");
  });
});
