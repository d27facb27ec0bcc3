import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PostSchema } from "@plaza/contract/posts/v1/posts";
import type { Page } from "playwright-core";
import { register } from "../base/accounts.ts";
import { browserSuite, skipWithoutBrowser, waitForText } from "./browser-suite.ts";

const phone = "+44 20 7946 0991";

describe("who sees an author's phone number", { skip: skipWithoutBrowser }, () => {
  const site = browserSuite();

  it("is the author's choice: nobody, members, everybody", async () => {
    const vera = await register(site.url, "vera");
    const text = { title: "Call me", body: "Or do not.", idempotencyKey: "call" };
    const { id } = (await vera.request("POST /v1/posts", text)).as(PostSchema);
    const owner = await site.openAsMember(vera, "/account");
    await owner.getByLabel("Phone").fill(phone);
    await owner.getByRole("button", { name: "Save" }).click();
    await waitForText(owner, "Your profile is saved.");
    await owner.getByRole("link", { name: "Privacy" }).click();

    const expected: [choice: RegExp, admin: boolean, member: boolean, visitor: boolean][] = [
      [/^Nobody/, true, false, false],
      [/^Members/, true, true, false],
      [/^Everybody/, true, true, true],
    ];
    for (const [choice, admin, member, visitor] of expected) {
      const saved = owner.waitForResponse(/UserService\/UpdateUser$/);
      await owner.getByLabel(choice).click();
      assert.equal((await saved).status(), 200);
      const path = `/posts/${id}`;
      assert.equal(await seesPhone(await site.openAs("admin1", path)), admin, `admin, ${choice}`);
      assert.equal(await seesPhone(await site.openAs("nonadmin4", path)), member, `${choice}`);
      assert.equal(await seesPhone(await site.open(path)), visitor, `visitor, ${choice}`);
    }
  });

  it("never extends to the e-mail address", async () => {
    const { id, email } = await register(site.url, "walt");
    const page = await site.openAs("nonadmin4", `/members/${id}`);
    await waitForText(page, "has not written yet");
    assert.ok(!(await page.content()).includes(email));
    const asAdmin = await site.openAs("admin1", `/members/${id}`);
    await waitForText(asAdmin, email);
  });
});

async function seesPhone(page: Page): Promise<boolean> {
  const author = page.getByRole("region", { name: "Author" });
  await author.getByRole("button", { name: "Details" }).click();
  await author.getByText("Joined").last().waitFor();
  return (await author.getByText(phone).count()) > 0;
}
