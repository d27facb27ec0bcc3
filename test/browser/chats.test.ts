import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Page } from "playwright-core";
import { register } from "../base/accounts.ts";
import { settled, shows, skip, suiteBrowser } from "./browser-suite.ts";
import { directChat, enter, group, rows, saidIn, say, write } from "./chat-page.ts";

const sending = "**/plaza.chat.v1.ChatService/SendMessage";

describe("the messenger", { skip }, () => {
  const site = suiteBrowser();

  it("keeps what is written offline when the page ends, and sends it in order, once", async () => {
    const { ada, chat, page } = await talking();
    const context = page.context();
    await context.setOffline(true);
    for (const text of ["one", "two", "three"]) await write(page, text);
    await rows(page, "three").getByText("Sending").waitFor();
    await page.close();
    await context.route(sending, (route) => route.abort());
    await context.setOffline(false);
    const again = await context.newPage();
    await again.goto(`${site.url}/chats/${chat.id}`);
    await rows(again, "three").getByText("Sending").waitFor();
    assert.deepEqual(await saidIn(ada, chat), []);
    await context.unroute(sending);
    await rows(again, "three").getByText("Sent").waitFor();
    assert.deepEqual(await saidIn(ada, chat), ["one", "two", "three"]);
    await again.reload();
    await rows(again, "three").getByText("Sent").waitFor();
    assert.deepEqual(await words(again), ["one", "two", "three"]);
  });

  it("keeps that a message was read when an older answer comes later", async () => {
    const { bruno, chat, page } = await talking();
    await write(page, "Are you there?");
    await rows(page, "Are you there?").getByText("Sent").waitFor();
    const asked = Promise.withResolvers<void>();
    const answers = Promise.withResolvers<void>();
    await page.route("**/plaza.chat.v1.ChatService/GetChat", async (route) => {
      const response = await route.fetch();
      asked.resolve();
      await answers.promise;
      await route.fulfill({ response });
    });
    await page.context().setOffline(true);
    await shows(page, "No connection.");
    await page.context().setOffline(false);
    await asked.promise;
    await bruno.ask(`POST /v1/chats/${chat.id}:markRead`, { number: 1 });
    await rows(page, "Are you there?").getByText("Read").waitFor();
    answers.resolve();
    await settled(page);
    await rows(page, "Are you there?").getByText("Read").waitFor();
  });

  it("says a message once though its answer gets lost, and shows it once meanwhile", async () => {
    const { ada, chat, page } = await talking();
    let heard = 0;
    await page.route(sending, async (route) => {
      heard += 1;
      if (heard > 2) return route.fallback();
      await route.fetch();
      await route.abort();
    });
    await write(page, "only once");
    await rows(page, "only once").getByText("Sent").waitFor();
    assert.equal(await rows(page, "only once").count(), 1);
    await write(page, "and then");
    await rows(page, "and then").getByText("Sent").waitFor();
    assert.ok(heard >= 3);
    assert.deepEqual(await saidIn(ada, chat), ["only once", "and then"]);
    assert.deepEqual(await words(page), ["only once", "and then"]);
  });

  it("keeps what is refused for its writer, who tries again or lets it be", async () => {
    const { ada, chat, page } = await talking();
    await page.route(sending, (route) =>
      route.fulfill({ status: 400, json: { code: "internal", message: "no" } }),
    );
    await write(page, "first");
    await write(page, "second");
    await page.getByRole("button", { name: "Discard" }).nth(1).waitFor();
    await page.unroute(sending);
    await page.getByRole("button", { name: "Discard" }).nth(1).click();
    await page.getByRole("button", { name: "Try again" }).click();
    await rows(page, "first").getByText("Sent").waitFor();
    assert.deepEqual(await words(page), ["first"]);
    assert.deepEqual(await saidIn(ada, chat), ["first"]);
  });

  it("leaves nothing behind when one signs out, and says so before a message is lost", async () => {
    const { page } = await talking();
    await page.route(sending, (route) => route.abort());
    await write(page, "a secret");
    await rows(page, "a secret").getByText("Sending").waitFor();
    assert.match(await stored(page), /a secret/);
    await page.getByRole("button", { name: /^Menu of/ }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await shows(page, "Some of your messages are not sent yet.");
    await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("link", { name: "Sign in" }).waitFor();
    assert.doesNotMatch(await stored(page), /outbox|secret/);
  });

  it("goes on upward to the first message without a jump", async () => {
    const { ada, bruno, chat } = await two();
    for (let n = 1; n <= 130; n += 1) await say(n % 4 ? ada : bruno, chat, `note ${n}. ${long(n)}`);
    const page = await enter(site, ada, `/chats/${chat.id}`);
    await rows(page, "note 130.").waitFor();
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
      const before = await firstInSight(page);
      const count = await rows(page, "note").count();
      // What comes below meanwhile must not move it either.
      await say(bruno, chat, `Hello number ${pages}`);
      await rows(page, `Hello number ${pages}`).waitFor();
      answers.resolve();
      await page.waitForFunction(
        (least) => document.querySelectorAll("[role=log] [data-seq]").length > least,
        count + 10,
      );
      const after = await topOf(page, before.seq);
      assert.ok(Math.abs(after - before.top) <= 1, `it moves from ${before.top} to ${after}`);
      await page.unroute(reading);
    }
    await shows(page, "This is where it begins.");
    const numbers = (await words(page)).flatMap((text) => /note (\d+)/.exec(text)?.[1] ?? []);
    assert.deepEqual(
      numbers,
      Array.from({ length: 130 }, (_, n) => String(n + 1)),
    );
    await page.getByRole("button", { name: "3 new" }).click();
    await rows(page, "Hello number 2").waitFor();
    await page.getByRole("button", { name: "3 new" }).waitFor({ state: "detached" });
  });

  it("shows what happened besides, wherever one comes in", async () => {
    const { ada, bruno, chat } = await many();
    await ada.ask(`PATCH /v1/chats/${chat.id}`, { title: "Brass band" });
    for (let n = 1; n <= 60; n += 1) await say(bruno, chat, `note ${n}`);
    const page = await enter(site, ada, `/chats/${chat.id}`);
    await rows(page, "note 60").waitFor();
    await page.getByRole("log").evaluate((log) => log.scrollTo({ top: 0 }));
    await shows(page, "You named the group “Brass band”");
    await shows(page, "You made the group “Band” with");
    const rowTexts = await page.getByRole("log").getByRole("listitem").allInnerTexts();
    const notes = rowTexts.filter((text) => /^You (made|named)/.test(text));
    assert.equal(notes.length, 2);
  });

  it("tells how many of a group have read a message", async () => {
    const { ada, bruno, clara, chat } = await many();
    const page = await enter(site, ada, `/chats/${chat.id}`);
    await write(page, "Tonight at eight");
    const own = rows(page, "Tonight at eight");
    await own.getByText("Sent").waitFor();
    await bruno.ask(`POST /v1/chats/${chat.id}:markRead`, { number: 1 });
    await own.getByText("Read by 1 of 2").waitFor();
    await clara.ask(`POST /v1/chats/${chat.id}:markRead`, { number: 1 });
    await own.getByText("Read", { exact: true }).waitFor();
    await page.reload();
    await own.getByText("Read", { exact: true }).waitFor();
  });

  it("marks where the news begins, and reads only what is looked at", async () => {
    const { ada, bruno, chat } = await two();
    for (let n = 1; n <= 12; n += 1) await say(ada, chat, `old ${n}. ${long(6)}`);
    await bruno.ask(`POST /v1/chats/${chat.id}:markRead`, { number: 12 });
    for (let n = 1; n <= 30; n += 1) await say(ada, chat, `fresh ${n}. ${long(6)}`);
    const page = await enter(site, bruno, "/chats");
    await page.getByRole("link", { name: /30 unread/ }).click();
    await page.getByText("New messages").waitFor();
    await page.getByRole("button", { name: "30 new" }).click();
    await page.getByRole("link", { name: "Chats", exact: true }).waitFor();
    const all = await page.getByRole("log").getByRole("listitem").allInnerTexts();
    const mark = all.findIndex((text) => text.includes("New messages"));
    assert.match(all[mark + 1] ?? "", /fresh 1\./);
  });

  it("edits, answers, feels and deletes by keyboard and menu", async () => {
    const { bruno, chat, page } = await talking();
    await page.keyboard.type("helo");
    await page.keyboard.press("Enter");
    await rows(page, "helo").getByText("Sent").waitFor();
    await page.keyboard.press("ArrowUp");
    await shows(page, "Editing");
    await page.keyboard.press("Escape");
    await page.keyboard.press("ArrowUp");
    await page.getByRole("textbox", { name: /^Write to/ }).fill("hello");
    await page.keyboard.press("Enter");
    await rows(page, "hello").getByText("edited").waitFor();
    await say(bruno, chat, "well met");
    await menuOf(page, "well met", "👍");
    await rows(page, "well met").getByRole("button", { name: "👍 1", pressed: true }).waitFor();
    await menuOf(page, "well met", "Reply");
    await page.keyboard.type("likewise");
    await page.keyboard.press("Enter");
    await rows(page, "likewise").getByText("Sent").waitFor();
    await rows(page, "likewise")
      .getByRole("button", { name: /In answer to/ })
      .click();
    await menuOf(page, "likewise", "Delete");
    await page.getByRole("button", { name: "Delete message" }).click();
    await shows(page, "This message was deleted.");
    assert.deepEqual(await saidIn(bruno, chat), ["hello", "well met", ""]);
  });

  it("finds a message of long ago, and leads to it", async () => {
    const { ada, bruno, chat } = await two();
    await say(bruno, chat, "The key is under the flowerpot.");
    for (let n = 1; n <= 90; n += 1) await say(bruno, chat, `note ${n}. ${long(n)}`);
    const page = await enter(site, ada, "/chats");
    await page.getByRole("searchbox").fill("flowerpot");
    await page.getByRole("link", { name: /flowerpot/ }).click();
    await rows(page, "flowerpot").waitFor();
    await page.waitForFunction(() => {
      const row = document.querySelector('[role=log] [data-seq="2"]');
      const { top, bottom } = row?.getBoundingClientRect() ?? { top: -1, bottom: -1 };
      return top > 0 && bottom < window.innerHeight;
    });
  });

  async function two() {
    const [ada, bruno] = [await register(site.url, "ada"), await register(site.url, "bruno")];
    return { ada, bruno, chat: await directChat(ada, bruno) };
  }

  async function many() {
    const [ada, bruno] = [await register(site.url, "ada"), await register(site.url, "bruno")];
    const clara = await register(site.url, "clara");
    return { ada, bruno, clara, chat: await group(ada, "Band", [bruno, clara]) };
  }

  /** Ada looks at her empty chat with Bruno. */
  async function talking() {
    const { ada, bruno, chat } = await two();
    const page = await enter(site, ada, `/chats/${chat.id}`);
    await shows(page, "This is where it begins.");
    return { ada, bruno, chat, page };
  }
});

/** What the messages say that are shown, in their order. */
function words(page: Page): Promise<string[]> {
  return page.getByRole("log").locator(".prose-chat").allInnerTexts();
}

async function menuOf(page: Page, text: string, item: string): Promise<void> {
  const row = rows(page, text).last();
  await row.hover();
  await row.getByRole("button", { name: "React or more" }).click();
  await row.getByRole("button", { name: item, exact: true }).last().click();
}

function stored(page: Page): Promise<string> {
  return page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
}

/** Some words, more or fewer, so that rows differ in height. */
function long(n: number): string {
  return "The tide comes in and goes out again. ".repeat(n % 5);
}

function firstInSight(page: Page): Promise<{ seq: string; top: number }> {
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

function topOf(page: Page, seq: string): Promise<number> {
  return page.locator(`[data-seq="${seq}"]`).evaluate((row) => row.getBoundingClientRect().top);
}
