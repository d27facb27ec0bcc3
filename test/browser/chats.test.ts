import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Page } from "playwright-core";
import { register } from "../base/accounts.ts";
import {
  browserSuite,
  skipWithoutBrowser,
  waitForNetworkIdle,
  waitForText,
} from "./browser-suite.ts";
import {
  chooseMessageAction,
  createDirectChat,
  createGroup,
  listMessageTexts,
  messageRows,
  messageTexts,
  sendMessage,
  typeMessage,
} from "./chat-page.ts";

const sendMessageUrl = "**/plaza.chat.v1.ChatService/SendMessage";

describe("the messenger", { skip: skipWithoutBrowser }, () => {
  const site = browserSuite();

  it("keeps what is written offline when the page ends, and sends it in order, once", async () => {
    const { ada, chat, page } = await openChat();
    const context = page.context();
    await context.setOffline(true);
    for (const text of ["one", "two", "three"]) await typeMessage(page, text);
    await messageRows(page, "three").getByText("Sending").waitFor();
    // A page that is closing is online again for its last moments, in which it would try again.
    await page.evaluate(() => {
      window.fetch = () => Promise.reject(new TypeError("offline"));
    });
    await page.close();
    await context.route(sendMessageUrl, (route) => route.abort());
    await context.setOffline(false);
    const again = await context.newPage();
    await again.goto(`${site.url}/chats/${chat.id}`);
    await messageRows(again, "three").getByText("Sending").waitFor();
    assert.deepEqual(await listMessageTexts(ada, chat), []);
    await context.unroute(sendMessageUrl);
    await messageRows(again, "three").getByText("Sent").waitFor();
    assert.deepEqual(await listMessageTexts(ada, chat), ["one", "two", "three"]);
    await again.reload();
    await messageRows(again, "three").getByText("Sent").waitFor();
    assert.deepEqual(await messageTexts(again), ["one", "two", "three"]);
  });

  it("keeps that a message was read when an older response arrives later", async () => {
    const { bruno, chat, page } = await openChat();
    await typeMessage(page, "Are you there?");
    await messageRows(page, "Are you there?").getByText("Sent").waitFor();
    const asked = Promise.withResolvers<void>();
    const answers = Promise.withResolvers<void>();
    await page.route("**/plaza.chat.v1.ChatService/GetChat", async (route) => {
      const response = await route.fetch();
      asked.resolve();
      await answers.promise;
      await route.fulfill({ response });
    });
    await page.context().setOffline(true);
    await waitForText(page, "No connection.");
    await page.context().setOffline(false);
    await asked.promise;
    // Until the stream is open again, only the held response could tell.
    await page.getByText("No connection.").waitFor({ state: "hidden" });
    await bruno.request(`POST /v1/chats/${chat.id}:markRead`, { number: 1 });
    await messageRows(page, "Are you there?").getByText("Read").waitFor();
    answers.resolve();
    await waitForNetworkIdle(page);
    await messageRows(page, "Are you there?").getByText("Read").waitFor();
  });

  it("sends a message once though its response is lost, and shows it once meanwhile", async () => {
    const { ada, chat, page } = await openChat();
    let requestCount = 0;
    await page.route(sendMessageUrl, async (route) => {
      requestCount += 1;
      if (requestCount > 2) return route.fallback();
      await route.fetch();
      await route.abort();
    });
    await typeMessage(page, "only once");
    await messageRows(page, "only once").getByText("Sent").waitFor();
    assert.equal(await messageRows(page, "only once").count(), 1);
    await typeMessage(page, "and then");
    await messageRows(page, "and then").getByText("Sent").waitFor();
    assert.ok(requestCount >= 3);
    assert.deepEqual(await listMessageTexts(ada, chat), ["only once", "and then"]);
    assert.deepEqual(await messageTexts(page), ["only once", "and then"]);
  });

  it("keeps a refused message for its author, who retries or discards it", async () => {
    const { ada, chat, page } = await openChat();
    await page.route(sendMessageUrl, (route) =>
      route.fulfill({ status: 400, json: { code: "internal", message: "no" } }),
    );
    await typeMessage(page, "first");
    await typeMessage(page, "second");
    await page.getByRole("button", { name: "Discard" }).nth(1).waitFor();
    await page.unroute(sendMessageUrl);
    await page.getByRole("button", { name: "Discard" }).nth(1).click();
    await page.getByRole("button", { name: "Try again" }).click();
    await messageRows(page, "first").getByText("Sent").waitFor();
    assert.deepEqual(await messageTexts(page), ["first"]);
    assert.deepEqual(await listMessageTexts(ada, chat), ["first"]);
  });

  it("leaves nothing behind at sign-out, and warns before a message is lost", async () => {
    const { page } = await openChat();
    await page.route(sendMessageUrl, (route) => route.abort());
    await typeMessage(page, "a secret");
    await messageRows(page, "a secret").getByText("Sending").waitFor();
    assert.match(await storedJson(page), /a secret/);
    await page.getByRole("button", { name: /^Account menu:/ }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await waitForText(page, "Some of your messages are not sent yet.");
    await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("link", { name: "Sign in" }).waitFor();
    assert.doesNotMatch(await storedJson(page), /outbox|secret/);
  });

  it("loads older messages up to the first without a jump", async () => {
    const { ada, bruno, chat } = await two();
    for (let n = 1; n <= 130; n += 1)
      await sendMessage(n % 4 ? ada : bruno, chat, `note ${n}. ${fillerText(n)}`);
    const page = await site.openAsMember(ada, `/chats/${chat.id}`);
    await messageRows(page, "note 130.").waitFor();
    const reading = "**/plaza.chat.v1.ChatService/ListMessages";
    for (let pages = 0; pages < 3; pages += 1) {
      const answers = Promise.withResolvers<void>();
      await page.route(reading, async (route) => {
        await answers.promise;
        await route.fallback();
      });
      const asked = page.waitForRequest(reading);
      await page.getByRole("log").evaluate((log) => log.scrollTo({ top: 150 }));
      await asked;
      const before = await firstVisibleRow(page);
      const count = await messageRows(page, "note").count();
      // What comes below meanwhile must not move it either.
      await sendMessage(bruno, chat, `Hello number ${pages}`);
      await messageRows(page, `Hello number ${pages}`).waitFor();
      answers.resolve();
      await page.waitForFunction(
        (least) => document.querySelectorAll("[role=log] [data-seq]").length > least,
        count + 10,
      );
      const after = await rowTop(page, before.seq);
      assert.ok(Math.abs(after - before.top) <= 1, `it moves from ${before.top} to ${after}`);
      await page.unroute(reading);
    }
    await waitForText(page, "Start of your conversation");
    const numbers = (await messageTexts(page)).flatMap(
      (text) => /note (\d+)/.exec(text)?.[1] ?? [],
    );
    assert.deepEqual(
      numbers,
      Array.from({ length: 130 }, (_, n) => String(n + 1)),
    );
    await page.getByRole("button", { name: "3 new" }).click();
    await messageRows(page, "Hello number 2").waitFor();
    await page.getByRole("button", { name: "3 new" }).waitFor({ state: "detached" });
  });

  it("shows changes of the group, from wherever the log is entered", async () => {
    const { ada, bruno, chat } = await many();
    await ada.request(`PATCH /v1/chats/${chat.id}`, { title: "Brass band" });
    for (let n = 1; n <= 60; n += 1) await sendMessage(bruno, chat, `note ${n}`);
    const page = await site.openAsMember(ada, `/chats/${chat.id}`);
    await messageRows(page, "note 60").waitFor();
    await page.getByRole("log").evaluate((log) => log.scrollTo({ top: 0 }));
    await waitForText(page, "You renamed the group to “Brass band”");
    await waitForText(page, "You created the group “Band” with");
    const rowTexts = await page.getByRole("log").getByRole("listitem").allInnerTexts();
    const notes = rowTexts.filter((text) => /^You (created|renamed)/.test(text));
    assert.equal(notes.length, 2);
  });

  it("shows how many of a group have read a message", async () => {
    const { ada, bruno, clara, chat } = await many();
    const page = await site.openAsMember(ada, `/chats/${chat.id}`);
    await typeMessage(page, "Tonight at eight");
    const own = messageRows(page, "Tonight at eight");
    await own.getByText("Sent").waitFor();
    await bruno.request(`POST /v1/chats/${chat.id}:markRead`, { number: 1 });
    await own.getByText("Read by 1 of 2").waitFor();
    await clara.request(`POST /v1/chats/${chat.id}:markRead`, { number: 1 });
    await own.getByText("Read", { exact: true }).waitFor();
    await page.reload();
    await own.getByText("Read", { exact: true }).waitFor();
  });

  it("marks the first unread message, and marks as read only what was visible", async () => {
    const { ada, bruno, chat } = await two();
    for (let n = 1; n <= 12; n += 1) await sendMessage(ada, chat, `old ${n}. ${fillerText(6)}`);
    await bruno.request(`POST /v1/chats/${chat.id}:markRead`, { number: 12 });
    for (let n = 1; n <= 30; n += 1) await sendMessage(ada, chat, `fresh ${n}. ${fillerText(6)}`);
    const page = await site.openAsMember(bruno, "/chats");
    await page.getByRole("link", { name: /30 unread/ }).click();
    await page.getByText("New messages").waitFor();
    await page.getByRole("button", { name: "30 new" }).click();
    await page.getByRole("link", { name: "Chats", exact: true }).waitFor();
    const all = await page.getByRole("log").getByRole("listitem").allInnerTexts();
    const mark = all.findIndex((text) => text.includes("New messages"));
    assert.match(all[mark + 1] ?? "", /fresh 1\./);
  });

  it("edits, replies, reacts and deletes by keyboard and menu", async () => {
    const { bruno, chat, page } = await openChat();
    await page.keyboard.type("helo");
    await page.keyboard.press("Enter");
    await messageRows(page, "helo").getByText("Sent").waitFor();
    await page.keyboard.press("ArrowUp");
    await waitForText(page, "Editing");
    await page.keyboard.press("Escape");
    await page.keyboard.press("ArrowUp");
    await page.getByRole("textbox", { name: /^Message / }).fill("hello");
    await page.keyboard.press("Enter");
    await messageRows(page, "hello").getByText("Edited").waitFor();
    await sendMessage(bruno, chat, "well met");
    await chooseMessageAction(page, "well met", "👍");
    await messageRows(page, "well met")
      .getByRole("button", { name: "👍 1", pressed: true })
      .waitFor();
    await chooseMessageAction(page, "well met", "Reply");
    await page.keyboard.type("likewise");
    await page.keyboard.press("Enter");
    await messageRows(page, "likewise").getByText("Sent").waitFor();
    await messageRows(page, "likewise")
      .getByRole("button", { name: /In reply to/ })
      .click();
    await chooseMessageAction(page, "likewise", "Delete");
    await page.getByRole("button", { name: "Delete message" }).click();
    await waitForText(page, "Message deleted");
    assert.deepEqual(await listMessageTexts(bruno, chat), ["hello", "well met", ""]);
  });

  it("offers to undo when an edit is discarded, or another message edited", async () => {
    const { page } = await openChat();
    for (const text of ["first", "second"]) {
      await page.keyboard.type(text);
      await page.keyboard.press("Enter");
      await messageRows(page, text).getByText("Sent").waitFor();
    }
    const composer = page.getByRole("textbox", { name: /^Message / });
    await chooseMessageAction(page, "second", "Edit");
    await composer.fill("second thoughts");
    const undo = page.getByRole("button", { name: "Undo" });
    for (const discard of [
      () => composer.press("Escape"),
      () => chooseMessageAction(page, "first", "Edit"),
    ]) {
      await discard();
      await undo.click();
      await undo.waitFor({ state: "detached" });
      assert.equal(await composer.inputValue(), "second thoughts");
    }
  });

  it("is one Tab stop with arrow keys, names each message, and reads out new ones alone", async () => {
    const { bruno, chat, page } = await openChat();
    const name = bruno.nickname;
    const announced = page.getByRole("status", { name: "New messages" });
    assert.equal(await page.getByRole("log").getAttribute("aria-live"), "off");
    await sendMessage(bruno, chat, "see [this](https://example.org)");
    await announced.getByText(`${name}: see this`).waitFor();
    await sendMessage(bruno, chat, "and this");
    await announced.getByText(`${name}: and this`).waitFor();
    assert.doesNotMatch((await announced.textContent()) ?? "", /see/);
    const message = (text: string) =>
      page.getByRole("listitem", { name: new RegExp(`^${name} ?: ${text} `) });
    const isFocused = (text: string) =>
      message(text).evaluate((row) => row === document.activeElement);
    await page.getByRole("textbox", { name: /^Message / }).focus();
    await page.keyboard.press("Shift+Tab");
    assert.ok(await isFocused("and this"));
    await page.keyboard.press("ArrowUp");
    assert.ok(await isFocused("see this"));
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "this");
    await page.keyboard.press("Escape");
    assert.ok(await isFocused("see this"));
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), "TEXTAREA");
    await page.keyboard.press("Shift+Tab");
    assert.ok(await isFocused("see this"));
  });

  it("finds an old message, and scrolls to it", async () => {
    const { ada, bruno, chat } = await two();
    await sendMessage(bruno, chat, "The key is under the flowerpot.");
    for (let n = 1; n <= 90; n += 1) await sendMessage(bruno, chat, `note ${n}. ${fillerText(n)}`);
    const page = await site.openAsMember(ada, "/chats");
    await page.getByRole("searchbox").fill("flowerpot");
    await page.getByRole("link", { name: /flowerpot/ }).click();
    await messageRows(page, "flowerpot").waitFor();
    await page.waitForFunction(() => {
      const row = document.querySelector('[role=log] [data-seq="2"]');
      const { top, bottom } = row?.getBoundingClientRect() ?? { top: -1, bottom: -1 };
      return top > 0 && bottom < window.innerHeight;
    });
  });

  async function two() {
    const [ada, bruno] = [await register(site.url, "ada"), await register(site.url, "bruno")];
    return { ada, bruno, chat: await createDirectChat(ada, bruno) };
  }

  async function many() {
    const [ada, bruno] = [await register(site.url, "ada"), await register(site.url, "bruno")];
    const clara = await register(site.url, "clara");
    return { ada, bruno, clara, chat: await createGroup(ada, "Band", [bruno, clara]) };
  }

  /** Opens the empty chat of two new members as one of them. */
  async function openChat() {
    const { ada, bruno, chat } = await two();
    const page = await site.openAsMember(ada, `/chats/${chat.id}`);
    await waitForText(page, "Start of your conversation");
    return { ada, bruno, chat, page };
  }
});

function storedJson(page: Page): Promise<string> {
  return page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
}

/** Filler of a length that depends on n, so that rows differ in height. */
function fillerText(n: number): string {
  return "The tide comes in and goes out again. ".repeat(n % 5);
}

function firstVisibleRow(page: Page): Promise<{ seq: string; top: number }> {
  return page.getByRole("log").evaluate((log) => {
    const { top } = log.getBoundingClientRect();
    const rows = [...log.querySelectorAll<HTMLElement>("[data-seq]")];
    const first = rows.find((row) => row.getBoundingClientRect().top >= top);
    return {
      seq: first?.dataset["seq"] ?? "",
      top: first?.getBoundingClientRect().top ?? Number.NaN,
    };
  });
}

function rowTop(page: Page, seq: string): Promise<number> {
  return page.locator(`[data-seq="${seq}"]`).evaluate((row) => row.getBoundingClientRect().top);
}
