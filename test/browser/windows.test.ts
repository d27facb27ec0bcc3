import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ListPostsResponseSchema } from "@plaza/contract/posts/v1/posts";
import type { Page } from "playwright-core";
import { type Member, register } from "../base/accounts.ts";
import {
  browserSuite,
  signIn,
  skipWithoutBrowser,
  waitForHeading,
  waitForText,
} from "./browser-suite.ts";
import {
  createDirectChat,
  createGroup,
  listMessageTexts,
  messageRows,
  sendMessage,
  typeMessage,
} from "./chat-page.ts";

const sendMessageUrl = "**/plaza.chat.v1.ChatService/SendMessage";
const createPostUrl = "**/plaza.posts.v1.PostService/CreatePost";
const getUserUrl = "**/plaza.users.v1.UserService/GetUser";

describe("two windows of one browser", { skip: skipWithoutBrowser }, () => {
  const site = browserSuite();

  it("never send for one account what was written for another", async () => {
    const { ada, bruno } = await two();
    const chat = await createDirectChat(ada, bruno);
    const [here, there] = await openSeparateWindows(ada, `/chats/${chat.id}`);
    await waitForText(here, "Start of your conversation");
    await signIn(there, bruno.email, bruno.password);
    const refused = here.waitForResponse(sendMessageUrl);
    await typeMessage(here, "Who says this?");
    assert.equal((await refused).status(), 401);
    await here.unroute(getUserUrl);
    await waitForText(here, `You are now signed in as ${bruno.nickname}.`);
    await here.getByRole("button", { name: `Account menu: ${bruno.nickname}` }).waitFor();
    await waitForHeading(here, ada.nickname);
    await typeMessage(here, "Hello, Ada.");
    await messageRows(here, "Hello, Ada.").getByText("Sent").waitFor();
    assert.deepEqual(await listMessageTexts(ada, chat), ["Hello, Ada."]);
    assert.ok(
      (await storageKeyOf(here, "Who says this?")).includes(ada.id),
      "it waits for its writer",
    );
  });

  it("do not send again for another account what was sent, though its response was lost", async () => {
    const { ada, bruno } = await two();
    const chat = await createDirectChat(ada, bruno);
    const [here, there] = await openSeparateWindows(ada, `/chats/${chat.id}`);
    await waitForText(here, "Start of your conversation");
    let requestCount = 0;
    await here.route(sendMessageUrl, async (route) => {
      requestCount += 1;
      if (requestCount === 1) await route.fetch();
      await route.abort();
    });
    await typeMessage(here, "only once");
    await messageRows(here, "only once").getByText("Sending").waitFor();
    await signIn(there, bruno.email, bruno.password);
    assert.deepEqual(await listMessageTexts(ada, chat), ["only once"]);
    for (const blocked of [sendMessageUrl, getUserUrl]) await here.unroute(blocked);
    await waitForText(here, `You are now signed in as ${bruno.nickname}.`);
    await messageRows(here, "only once").waitFor();
    assert.deepEqual(await listMessageTexts(ada, chat), ["only once"]);
    assert.ok((await storageKeyOf(here, "only once")).includes(ada.id), "it waits for its answer");
  });

  it("publish nothing for another account, and keep the draft for its author", async () => {
    const { ada, bruno } = await two();
    const [here, there] = await openSeparateWindows(ada, "/write");
    await here.getByLabel("Title").fill("By Ada");
    await here.getByLabel("Text").fill("And by nobody else.");
    await signIn(there, bruno.email, bruno.password);
    const refused = here.waitForResponse(createPostUrl);
    await here.getByRole("button", { name: "Publish" }).click();
    assert.equal((await refused).status(), 401);
    await here.unroute(getUserUrl);
    await here.getByRole("button", { name: "Publish" }).click();
    await waitForText(here, `You are now signed in as ${bruno.nickname}.`);
    await here.getByRole("button", { name: `Account menu: ${bruno.nickname}` }).waitFor();
    assert.equal(await here.getByLabel("Title").inputValue(), "");
    const { posts } = (await bruno.request("GET /v1/posts?pageSize=100")).as(
      ListPostsResponseSchema,
    );
    assert.ok(posts.every(({ title }) => title !== "By Ada"));
    const storageKey = await storageKeyOf(here, "And by nobody else");
    assert.ok(storageKey.startsWith(`plaza.draft.${ada.id}.`), storageKey);
  });

  it("show both who is signed in, and what is theirs", async () => {
    const { ada, bruno } = await two();
    const clara = await register(site.url, "clara");
    await createGroup(ada, "Choir", [clara]);
    const band = await createGroup(bruno, "Band", [clara]);
    const here = await site.open("/sign-in?next=/chats");
    const there = await here.context().newPage();
    await there.goto(site.url);
    await there.getByRole("link", { name: "Sign in" }).waitFor();
    await signIn(here, ada.email, ada.password);
    await here.getByRole("link", { name: "Choir" }).waitFor();
    await there.getByRole("button", { name: `Account menu: ${ada.nickname}` }).click();
    await there.getByRole("button", { name: "Sign out" }).click();
    await waitForText(here, "Your session has ended.");
    await waitForHeading(here, "Sign in");
    await there.getByRole("link", { name: "Sign in" }).click();
    await signIn(there, bruno.email, bruno.password);
    await here.getByRole("button", { name: `Account menu: ${bruno.nickname}` }).waitFor();
    await here.getByRole("link", { name: "Band" }).waitFor();
    assert.equal(await here.getByRole("link", { name: "Choir" }).count(), 0);
    await sendMessage(clara, band, "Are you there?");
    await here.getByRole("link", { name: /Are you there\?/ }).waitFor();
  });

  async function two() {
    return { ada: await register(site.url, "ada"), bruno: await register(site.url, "bruno") };
  }

  /**
   * Opens a window of the member, and one with the page /sign-in. They get no messages from each other, and the first
   * cannot ask the server who is signed in.
   */
  async function openSeparateWindows(
    member: Member,
    path: string,
  ): Promise<[here: Page, there: Page]> {
    const there = await site.open("/");
    await there.context().addInitScript(() => {
      BroadcastChannel.prototype.postMessage = () => undefined;
    });
    await there.goto(`${site.url}/sign-in`);
    await waitForHeading(there, "Sign in");
    const here = await there.context().newPage();
    await here.goto(`${site.url}/sign-in?next=${encodeURIComponent(path)}`);
    await signIn(here, member.email, member.password);
    await here.route(getUserUrl, (route) => route.abort());
    return [here, there];
  }
});

/** The key under which localStorage holds the text; "" when it does not. */
async function storageKeyOf(page: Page, text: string): Promise<string> {
  const all = await page.evaluate(() => Object.entries({ ...localStorage }));
  return all.find(([, kept]) => kept.includes(text))?.[0] ?? "";
}
