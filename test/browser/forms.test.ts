import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PostSchema } from "@plaza/contract/posts/v1/posts";
import { UserSchema } from "@plaza/contract/users/v1/users";
import type { Page } from "playwright-core";
import { register } from "../base/accounts.ts";
import { browserSuite, skipWithoutBrowser, waitForHeading, waitForText } from "./browser-suite.ts";

describe("forms", { skip: skipWithoutBrowser }, () => {
  const site = browserSuite();

  it("show what the server refuses at the field, and focus it", async () => {
    const page = await site.open("/sign-up");
    await page.getByLabel("E-mail").fill("not an address");
    await page.getByLabel("Nickname").fill("a b");
    await page.getByLabel("Password", { exact: true }).fill("short");
    await page.getByRole("button", { name: "Create account" }).click();
    await assertFieldError(page, "E-mail", /Enter an e-mail address/);
    await assertFieldError(page, "Nickname", /3 to 25 letters/);
    await assertFieldError(page, "Password", /8 to 200 characters/);
    const at = await page.evaluate(() => document.activeElement?.getAttribute("name"));
    assert.equal(at, "email");
  });

  it("show that an e-mail address or a nickname is taken", async () => {
    const { email, nickname } = await register(site.url);
    const page = await site.open("/sign-up");
    await page.getByLabel("E-mail").fill("somebody.else@example.org");
    await page.getByLabel("Nickname").fill(nickname.toUpperCase());
    await page.getByLabel("Password", { exact: true }).fill("a long road home");
    await page.getByRole("button", { name: "Create account" }).click();
    await assertFieldError(page, "Nickname", /taken/);
    await page.getByLabel("E-mail").fill(email.toUpperCase());
    await page.getByLabel("Nickname").fill("somebody_else");
    await page.getByRole("button", { name: "Create account" }).click();
    await assertFieldError(page, "E-mail", /already has an account/);
  });

  it("refuse a common password", async () => {
    const page = await site.open("/sign-up");
    await page.getByLabel("E-mail").fill("common@example.org");
    await page.getByLabel("Nickname").fill("common_one");
    await page.getByLabel("Password", { exact: true }).fill("password123");
    await page.getByRole("button", { name: "Create account" }).click();
    await assertFieldError(page, "Password", /too common/);
  });

  it("refuse a wrong login with one sentence for all", async () => {
    const page = await site.open("/sign-in");
    await page.getByLabel("E-mail or nickname").fill("nonadmin3@email.com");
    await page.getByLabel("Password", { exact: true }).fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("Wrong e-mail, nickname or password.").waitFor();
  });

  it("check a profile on the server, field by field", async () => {
    const member = await register(site.url);
    const page = await site.openAsMember(member, "/account");
    await page.getByLabel("Phone").fill("call me");
    await page.getByLabel("Picture").fill("http://example.org/me.png");
    await page.getByRole("button", { name: "Save" }).click();
    await assertFieldError(page, "Phone", /6 to 15 digits/);
    await assertFieldError(page, "Picture", /https:/);
  });

  it("ask for the current password, and change it", async () => {
    const member = await register(site.url);
    const page = await site.openAsMember(member, "/account/password");
    await page.getByLabel("Current password", { exact: true }).fill("not this one");
    await page.getByLabel("New password", { exact: true }).fill("quite another one");
    await page.getByRole("button", { name: "Change password" }).click();
    await assertFieldError(page, "Current password", /not your current password/);
    await page.getByLabel("Current password", { exact: true }).fill(member.password);
    await page.getByRole("button", { name: "Change password" }).click();
    await waitForText(page, "Your password was changed.");
  });

  it("ask before unsaved text is left, and keep it as a draft", async () => {
    const member = await register(site.url);
    const page = await site.openAsMember(member, "/write");
    await page.getByRole("button", { name: "Publish" }).click();
    await assertFieldError(page, "Title", /up to 125 characters/);
    await page.getByLabel("Title").fill("Half a thought");
    await page.getByLabel("Text").fill("To be continued");
    await page.getByRole("link", { name: "Plaza home" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Stay" }).click();
    await waitForHeading(page, "New post");
    await page.getByRole("link", { name: "Plaza home" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Leave" }).click();
    await waitForHeading(page, "Posts");
    await page.goto(`${site.url}/write`);
    await waitForText(page, "Your draft was restored.");
    assert.equal(await page.getByLabel("Text").inputValue(), "To be continued");
    await page.getByRole("button", { name: "Discard draft" }).click();
    assert.equal(await page.getByLabel("Text").inputValue(), "");
    await page.getByRole("button", { name: "Undo" }).click();
    assert.equal(await page.getByLabel("Text").inputValue(), "To be continued");
    await page.reload();
    await waitForText(page, "Your draft was restored.");
    assert.equal(await page.getByLabel("Title").inputValue(), "Half a thought");
  });

  it("tell the second of two editors, offer both texts, and keep the author after saving", async () => {
    const member = await register(site.url);
    const answer = await member.request("POST /v1/posts", { title: "Cake", body: "With plums." });
    const { id } = answer.as(PostSchema);
    const page = await site.openAsMember(member, `/posts/${id}/edit`);
    await page.getByLabel("Text").fill("With pears.");
    await member.request(`PATCH /v1/posts/${id}`, { title: "Pie", body: "With apples." });
    // A newer version in the cache must not count as the one that was edited.
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await page.getByRole("button", { name: "Save" }).click();
    const notice = page.getByRole("region", { name: "Edit conflict" });
    await notice.getByText("Someone else changed this while you were editing").waitFor();
    const version = (name: string) =>
      notice.getByRole("region", { name: "Text" }).getByRole("region", { name });
    await version("Their version").getByText("With apples.").waitFor();
    await version("Your version").getByText("With pears.").waitFor();
    assert.equal(await page.getByLabel("Title").inputValue(), "Pie");
    const text = page.getByLabel("Text", { exact: true }).and(page.locator("textarea"));
    assert.equal(await text.inputValue(), "With pears.");
    await version("Their version").getByRole("button", { name: "Use this version" }).click();
    assert.equal(await text.inputValue(), "With apples.");
    await text.fill("With apples and pears.");
    await page.getByRole("button", { name: "Save" }).click();
    await waitForHeading(page, "Pie");
    await waitForText(page, "With apples and pears.");
    await page.getByRole("link", { name: member.nickname }).first().waitFor();
    assert.equal(await page.getByText("Deleted account").count(), 0);
  });

  it("tell the second editor of a draft that was restored", async () => {
    const member = await register(site.url);
    const answer = await member.request("POST /v1/posts", { title: "Cake", body: "With plums." });
    const path = `/posts/${answer.as(PostSchema).id}/edit`;
    const page = await site.openAsMember(member, path);
    await page.getByLabel("Text").fill("With pears.");
    page.on("dialog", (dialog) => void dialog.accept());
    await page.goto(site.url);
    await member.request(`PATCH /v1${path.replace("/edit", "")}`, { body: "With apples." });
    await page.goto(site.url + path);
    await waitForText(page, "Your draft was restored.");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("region", { name: "Their version" }).getByText("With apples.").waitFor();
  });

  it("tell the second editor of a profile, and save what both have changed", async () => {
    const member = await register(site.url);
    const page = await site.openAsMember(member, "/account");
    await page.getByLabel("About").fill("I bake.");
    await member.request("PATCH /v1/users/me", { firstName: "Ada", about: "I garden." });
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("region", { name: "Their version" }).getByText("I garden.").waitFor();
    assert.equal(await page.getByLabel("First name").inputValue(), "Ada");
    await page.getByRole("button", { name: "Save" }).click();
    await waitForText(page, "Profile saved.");
    const saved = (await member.request("GET /v1/users/me")).as(UserSchema);
    assert.deepEqual([saved.firstName, saved.about], ["Ada", "I bake."]);
  });

  it("publish once, however often an unanswered request is repeated", async () => {
    const member = await register(site.url);
    const page = await site.openAsMember(member, "/write");
    const calls = "**/plaza.posts.v1.PostService/CreatePost";
    await page.route(calls, async (route) => {
      await route.fetch();
      await route.abort();
    });
    await page.getByLabel("Title").fill("Only once");
    await page.getByLabel("Text").fill("Please.");
    await page.getByRole("button", { name: "Publish" }).click();
    await page.getByRole("alert").getByText("Plaza cannot be reached.").waitFor();
    await page.unroute(calls);
    await page.getByRole("button", { name: "Publish" }).click();
    await waitForHeading(page, "Only once");
    await page.goto(`${site.url}/members/${member.id}`);
    await waitForText(page, "Only once");
    assert.equal(await page.getByRole("heading", { name: "Only once" }).count(), 1);
  });
});

async function assertFieldError(page: Page, label: string, message: RegExp): Promise<void> {
  const field = page.getByLabel(label, { exact: true });
  await page.locator("p").filter({ hasText: message }).first().waitFor();
  assert.equal(await field.getAttribute("aria-invalid"), "true", label);
  const described = page.locator(`[id="${await field.getAttribute("aria-describedby")}"]`);
  assert.match((await described.textContent()) ?? "", message);
}
