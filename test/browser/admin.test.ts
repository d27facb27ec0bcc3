import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Page } from "playwright-core";
import { register } from "../base/accounts.ts";
import {
  browserSuite,
  signIn,
  skipWithoutBrowser,
  waitForHeading,
  waitForText,
} from "./browser-suite.ts";

describe("the admin's page of users", { skip: skipWithoutBrowser }, () => {
  const site = browserSuite();

  it("does not exist for others", async () => {
    const page = await site.openAs("nonadmin3", "/admin/users");
    await waitForHeading(page, "Page not found");
    assert.equal(await page.getByRole("link", { name: "Admin", exact: true }).count(), 0);
  });

  it("finds by e-mail address, edits, and deletes", async () => {
    const { nickname, email } = await register(site.url, "gus");
    const page = await find(email);
    await chooseUserAction(page, nickname, "Edit profile");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("First name").fill("Gustav");
    await dialog.getByLabel("Phone").fill("none");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText("Enter a phone number").waitFor();
    await dialog.getByLabel("Phone").fill("");
    await dialog.getByRole("button", { name: "Save" }).click();
    await waitForText(page, `Profile of ${nickname} saved.`);
    await page.getByRole("listitem").getByText("Gustav").waitFor();
    await confirmUserAction(page, nickname, "Delete account");
    await waitForText(page, `${nickname} was deleted.`);
    await waitForText(page, "No users found");
  });

  it("deactivates an account at once, and reactivates it", async () => {
    const hal = await register(site.url, "hal");
    const { nickname, email, password } = hal;
    const theirs = await site.openAsMember(hal, "/");
    const page = await find(nickname);
    await chooseUserAction(page, nickname, "Deactivate");
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    assert.equal((await hal.request("GET /v1/users/me")).status, 200);
    await confirmUserAction(page, nickname, "Deactivate");
    await page.getByRole("listitem").getByText("Deactivated").waitFor();
    await theirs.goto(`${site.url}/sign-in`);
    await theirs.getByLabel("E-mail or nickname").fill(email);
    await theirs.getByLabel("Password", { exact: true }).fill(password);
    await theirs.getByRole("button", { name: "Sign in" }).click();
    await waitForText(theirs, "This account is deactivated.");
    await confirmUserAction(page, nickname, "Reactivate");
    await waitForText(page, `${nickname} can sign in again.`);
    await signIn(theirs, email, password);
  });

  it("grants the role and revokes it", async () => {
    const ivy = await register(site.url, "ivy");
    const { nickname } = ivy;
    const page = await find(nickname);
    await confirmUserAction(page, nickname, "Make admin");
    await page.getByRole("listitem").getByText("Admin", { exact: true }).waitFor();
    const theirs = await site.openAsMember(ivy, "/admin/users");
    await waitForHeading(theirs, "Users");
    await confirmUserAction(page, nickname, "Remove admin role");
    await waitForText(page, `${nickname} is no longer an admin.`);
    await theirs.reload();
    await waitForHeading(theirs, "Page not found");
  });

  async function find(text: string): Promise<Page> {
    const page = await site.openAs("admin1", "/admin/users");
    await page.getByRole("searchbox", { name: "Search users" }).fill(text);
    await page.waitForURL(/\?q=/);
    return page;
  }
});

async function chooseUserAction(page: Page, nickname: string, action: string): Promise<void> {
  await page.getByRole("button", { name: `Actions for ${nickname}` }).click();
  await page.getByRole("button", { name: action, exact: true }).click();
}

async function confirmUserAction(page: Page, nickname: string, action: string): Promise<void> {
  await chooseUserAction(page, nickname, action);
  await page.getByRole("dialog").getByRole("button", { name: action, exact: true }).click();
}
