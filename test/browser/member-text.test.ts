import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { PostSchema } from "@plaza/contract/posts/v1/posts";
import type { Page } from "playwright-core";
import { type Member, register, signInDemo } from "../base/accounts.ts";
import { createProduct } from "../base/shop-fixtures.ts";
import { browserSuite, skipWithoutBrowser, waitForText } from "./browser-suite.ts";
import { createDirectChat, createGroup, messageRows, sendMessage } from "./chat-page.ts";

/** Hebrew, with a word that is wider than a phone. */
const hebrew = `שלום ${"א".repeat(60)}`;
const longLink = `https://example.org/${"path".repeat(60)}`;
const wideTable = `|${"שלום|".repeat(12)}\n|${"-|".repeat(12)}\n|${"תא|".repeat(12)}`;
const richText = [
  hebrew,
  `- ${hebrew}\n- פריט\n  1. משנה`,
  `> ${hebrew}`,
  wideTable,
  `\`\`\`\n${"code ".repeat(80)}\n\`\`\``,
  `<div class="hidden container">${"w".repeat(100)}</div>`,
  longLink,
  `${"> ".repeat(12)}עמוק`,
].join("\n\n");

describe("what members write", { skip: skipWithoutBrowser }, () => {
  const site = browserSuite({ keepsPages: true });
  let admin: Member;
  let page: Page;
  const ids: Record<string, string> = {};

  before(async () => {
    admin = await signInDemo(site.url, "admin1");
    const member = await register(site.url, "hebrew");
    ids["member"] = member.id;
    ids["nickname"] = member.nickname;
    const profile = { firstName: "דוד", lastName: "כהן", about: hebrew, address: "רחוב ראשי 1" };
    await member.request("PATCH /v1/users/me", profile);
    const post = await member.request("POST /v1/posts", { title: hebrew, body: richText });
    ids["post"] = post.as(PostSchema).id;
    ids["product"] = await createProduct(admin, { name: hebrew, description: richText });
    const group = await createGroup(admin, hebrew, [member]);
    await sendMessage(member, group, richText.slice(0, 3_900));
    await sendMessage(member, group, hebrew);
    ids["group"] = group.id;
    ids["chat"] = (await createDirectChat(admin, await register(site.url, "friend"))).id;
    await member.request("POST /v1/carts/me/items", { productId: ids["product"], quantity: 1 });
    const delivery = { deliveryName: "דוד כהן", deliveryAddress: hebrew, note: hebrew };
    const order = await member.request("POST /v1/carts/me:checkout", {
      ...delivery,
      idempotencyKey: "order",
    });
    ids["order"] = (order.json() as { id: string }).id;
    for (const { request } of [member, admin]) {
      await request("POST /v1/carts/me/items", { productId: ids["product"], quantity: 1 });
    }
    page = await site.openAs("admin1", "/", { viewport: { width: 320, height: 640 } });
    page.on("dialog", (dialog) => void dialog.accept());
  });

  for (const path of [
    ...["/", "/members/{member}", "/posts/{post}", "/members?q={nickname}", "/friends"],
    ...["/shop", "/shop/{product}", "/cart", "/checkout", "/orders/{order}"],
    ...["/chats", "/chats/{group}", "/chats/{group}/group", "/chats?q=שלום"],
    ...["/admin/users?q={nickname}", "/admin/products", "/admin/orders", "/admin/carts/{member}"],
    ...["/posts/{post}/edit", "/admin/products/{product}"],
  ]) {
    it(`has its own direction and widens no page: ${path}`, async () => {
      await show(path);
      assert.deepEqual(await page.evaluate(undirectedTexts), []);
      assert.deepEqual(await page.evaluate(overflow), 0, "horizontal scroll at 320 px");
      if (!path.endsWith("/edit")) return;
      await page.getByText("Preview", { exact: true }).first().click();
      await page.getByRole("region", { name: "Preview" }).getByText("פריט").waitFor();
      assert.deepEqual(await page.evaluate(undirectedTexts), []);
      assert.deepEqual(await page.evaluate(overflow), 0, "horizontal scroll of the preview");
    });
  }

  it("scrolls a wide table inside of itself, and ignores the classes of HTML in a text", async () => {
    await show("/posts/{post}");
    const table = page.getByRole("region", { name: "Table" });
    assert.ok(await table.evaluate((one) => one.scrollWidth > one.clientWidth));
    assert.match(await page.locator(".prose").innerText(), /<div class="hidden container">w/);
    assert.equal(await page.locator(".prose .hidden, .prose .container").count(), 0);
  });

  it("puts the marks of lists beside the text, in its direction", async () => {
    await show("/posts/{post}");
    const padding = await page.locator(".prose > ul").evaluate((list) => {
      const { direction, paddingRight, paddingLeft, listStyleType } = getComputedStyle(list);
      return [direction, Number.parseFloat(paddingRight) > 10, paddingLeft, listStyleType];
    });
    assert.deepEqual(padding, ["rtl", true, "0px", "disc"]);
  });

  for (const [name, text] of [
    ["nests too deeply", "> ".repeat(4_000)],
    ["nests lists too deeply", "1. ".repeat(6_600)],
    ["makes too large a table", `${"|a".repeat(199)}\n${"|-".repeat(199)}\n${"a\n".repeat(30)}`],
    ["shows nothing", "[a]: b"],
    ["shows but a rule", "---"],
    ["cannot be rendered", "throw-in-renderer"],
  ] as const) {
    it(`is shown as it was written when it ${name}, and the page stays usable`, async () => {
      await show("/write");
      await page.evaluate(breakParser, "throw-in-renderer");
      await page.getByText("Write", { exact: true }).last().click();
      await page.getByLabel("Text").fill(text);
      await page.getByText("Preview", { exact: true }).first().click();
      const preview = page.getByRole("region", { name: "Preview" });
      await preview.getByText(text.slice(0, 20).trim()).first().waitFor();
      assert.equal(await preview.locator("blockquote, ol, table").count(), 0);
      await page.getByText("Write", { exact: true }).last().click();
      await page.getByLabel("Text").fill("");
    });
  }

  it("has no links to footnotes in a chat, which leaves them out", async () => {
    const chat = { id: ids["group"] ?? "" };
    await sendMessage(
      admin,
      chat as never,
      "See there[^1] and [here](https://a.example).\n\n[^1]: A note.",
    );
    await show(`/chats/${chat.id}`);
    const row = messageRows(page, "See there").last();
    await row.waitFor();
    const links = await row.locator(".prose a").evaluateAll((all) => all.map((a) => a.textContent));
    assert.deepEqual(links, ["here"]);
  });

  it("can be deleted when it cannot be rendered", async () => {
    const chat = { id: ids["group"] ?? "" };
    await sendMessage(admin, chat as never, "throw-in-renderer");
    const post = { title: "Unrenderable", body: "throw-in-renderer" };
    const { id } = (await admin.request("POST /v1/posts", post)).as(PostSchema);
    await page.addInitScript(breakParser, "throw-in-renderer");
    await page.goto(`${site.url}/posts/${id}`);
    await page.locator(".prose").getByText("throw-in-renderer").waitFor();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete post" }).click();
    await waitForText(page, "Post deleted.");
    await page.setViewportSize({ width: 1000, height: 640 });
    await show(`/chats/${chat.id}`);
    const row = messageRows(page, "throw-in-renderer").last();
    await row.hover();
    await row.getByRole("button", { name: "Message actions" }).click();
    await row.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete message" }).click();
    await messageRows(page, "Message deleted").waitFor();
  });

  it("is told to be too complex when it is sent, and stays in the form", async () => {
    await page.goto(`${site.url}/write`);
    await page.getByLabel("Title").fill("Nested");
    await page.getByLabel("Text").fill("> ".repeat(1_000));
    await page.getByRole("button", { name: "Publish" }).click();
    await waitForText(page, "Must not nest quotes, lists or emphasis so deeply");
    assert.equal((await page.getByLabel("Text").inputValue()).length, 2_000);
    await page.getByLabel("Title").fill("");
    await page.getByLabel("Text").fill("");
  });

  it("is counted when it is too long, and is neither cut nor sent", async () => {
    await show("/chats/{chat}");
    const field = page.getByRole("textbox", { name: /^Message / });
    await field.fill("😀".repeat(3_999));
    await waitForText(page, "1 character left.");
    await field.fill("😀".repeat(4_002));
    await waitForText(page, "2 characters over the limit of 4,000.");
    assert.equal((await field.inputValue()).length, 8_004);
    await page.keyboard.press("Enter");
    assert.equal(await messageRows(page, "😀").count(), 0);
    await field.fill("");
  });

  it("keeps the spaces at its beginning", async () => {
    await show("/chats/{chat}");
    await page.getByRole("textbox", { name: /^Message / }).fill("    if (true) {}");
    await page.keyboard.press("Enter");
    await messageRows(page, "if (true) {}").locator("pre").waitFor();
  });

  it("is not sent by the Enter that ends a composition, in Chromium's and in WebKit's order", async () => {
    await show("/chats/{chat}");
    const field = page.getByRole("textbox", { name: /^Message / });
    await field.fill("にほん");
    for (const init of [
      { key: "Enter", isComposing: true, keyCode: 13 },
      { key: "Enter", isComposing: false, keyCode: 229 },
    ]) {
      await field.dispatchEvent("keydown", { ...init, bubbles: true, cancelable: true });
    }
    assert.equal(await field.inputValue(), "にほん");
    await field.press("Enter");
    await messageRows(page, "にほん").waitFor();
    assert.equal(await messageRows(page, "にほん").count(), 1);
  });

  describe("and did not send", () => {
    const places = [
      ["/write", "Text"],
      ["/posts/{post}/edit", "Text"],
      ["/admin/products/new", "Description"],
      ["/admin/products/{product}", "Description"],
      ["/account", "About"],
      ["/checkout", "Note"],
      ["/chats/{chat}", /^Message /],
      ["/chats/{group}/group", "Group name"],
    ] as const;

    it("survives a reload, wherever it was written", async () => {
      for (const [path, label] of places) {
        await show(path);
        await page.getByLabel(label, { exact: true }).last().fill(`unsent, of ${path}`);
      }
      await page.reload();
      for (const [path, label] of places) {
        await show(path);
        await waitForValue(label, `unsent, of ${path}`);
      }
    });

    it("survives a reload: a changed message, a reply, and which message it is about", async () => {
      await page.setViewportSize({ width: 1000, height: 640 });
      await show("/chats/{chat}");
      const field = page.getByRole("textbox", { name: /^Message / });
      const row = messageRows(page, "にほん");
      for (const [action, mode] of [
        ["Edit", "Editing"],
        ["Reply", "Replying to"],
      ]) {
        await row.hover();
        await row.getByRole("button", { name: "Message actions" }).click();
        await row.getByRole("button", { name: action ?? "", exact: true }).click();
        await field.fill(`unsent ${action}`);
        await page.reload();
        await waitForText(page, mode ?? "");
        await waitForValue(/^Message /, `unsent ${action}`);
        if (action === "Edit") await page.keyboard.press("Escape");
      }
      await field.press("Enter");
      await messageRows(page, "unsent Reply").last().waitFor();
      await page.reload();
      await waitForValue(/^Message /, "");
    });

    it("is one draft in each window, and goes to the next when its window is closed", async () => {
      await show("/write");
      await page.getByLabel("Text").fill("the first window's");
      const other = await page.context().newPage();
      await other.goto(`${site.url}/write`);
      await other.getByLabel("Text").fill("the second window's");
      await page.reload();
      await waitForValue("Text", "the first window's");
      await other.close({ runBeforeUnload: false });
      const third = await page.context().newPage();
      await third.goto(`${site.url}/write`);
      await waitForText(third, "Your draft was restored.");
      assert.equal(await third.getByLabel("Text").inputValue(), "the second window's");
      await third.getByRole("button", { name: "Discard draft" }).click();
      await third.close();
    });

    it("is gone from the browser after signing out, but for posts", async () => {
      const stored = () =>
        page.evaluate(() => Object.keys({ ...localStorage }).filter((key) => /draft/.test(key)));
      assert.ok((await stored()).some((key) => key.includes(".profile.")));
      await show("/");
      await page.getByRole("button", { name: /^Account menu:/ }).click();
      await page.getByRole("button", { name: "Sign out" }).click();
      await waitForText(page, "You are signed out.");
      assert.ok((await stored()).length > 0);
      assert.deepEqual(
        (await stored()).filter((key) => !key.includes(".post.")),
        [],
      );
    });
  });

  /** Goes to a page of the site without loading it again, and leaves a form without asking. */
  async function show(path: string): Promise<void> {
    const fullPath = path.replace(/{(\w+)}/, (_, name: string) => ids[name] ?? "");
    await page.evaluate((to) => {
      history.pushState(null, "", to);
      dispatchEvent(new PopStateEvent("popstate"));
    }, fullPath);
    const leave = page.getByRole("button", { name: "Leave", exact: true });
    if (await leave.isVisible()) await leave.click();
    await page.waitForFunction(
      () =>
        document.querySelector("h1, [aria-label=Conversation]") &&
        !document.querySelector(".skeleton"),
    );
  }

  async function waitForValue(label: string | RegExp, value: string): Promise<void> {
    const field = page.getByLabel(label, { exact: true }).last();
    await field.waitFor();
    await page.waitForFunction(
      ([element, text]) => (element as HTMLInputElement | null)?.value === text,
      [await field.elementHandle(), value] as const,
    );
  }
});

/** Runs in the page: Hebrew that takes its direction from the page instead of from itself. */
function undirectedTexts(): string[] {
  const found: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent ?? "";
    if (!element?.checkVisibility() || !/[א-ת]/.test(text) || text.includes("\u2068")) continue;
    const isIsolated = element.closest("[dir], bdi") !== null;
    const startsRightToLeft = /^[^a-zA-Z]*[א-ת]/.test(text);
    if (!isIsolated || (startsRightToLeft && getComputedStyle(element).direction !== "rtl")) {
      found.push(`${element.outerHTML.slice(0, 120)}: ${text.slice(0, 20)}`);
    }
  }
  for (const field of document.querySelectorAll("input, textarea")) {
    const { value, type } = field as HTMLInputElement;
    if (/^[א-ת]/.test(value) && !field.matches(":dir(rtl)")) found.push(`${type}: ${value}`);
  }
  return found;
}

/** Runs in the page: by how much it is wider than the window. */
function overflow(): number {
  return document.documentElement.scrollWidth - document.documentElement.clientWidth;
}

/** Runs in the page: makes the parser of Markdown throw for a text. */
function breakParser(marker: string): void {
  const { split } = String.prototype;
  String.prototype.split = function (this: string, ...args: unknown[]) {
    if (this.includes(marker)) throw new Error("planted");
    return split.apply(this, args as never);
  } as typeof split;
}
