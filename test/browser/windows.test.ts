import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ListPostsResponseSchema } from "@plaza/contract/posts/v1/posts";
import type { Page } from "playwright-core";
import { type Member, register } from "../base/accounts.ts";
import { atHeading, shows, signIn, skip, suiteBrowser } from "./browser-suite.ts";
import { directChat, group, rows, saidIn, say, write } from "./chat-page.ts";

const sending = "**/plaza.chat.v1.ChatService/SendMessage";
const publishing = "**/plaza.posts.v1.PostService/CreatePost";
const looking = "**/plaza.users.v1.UserService/GetUser";

describe("two windows of one browser", { skip }, () => {
  const site = suiteBrowser();

  it("never say for one what was written for another", async () => {
    const { ada, bruno } = await two();
    const chat = await directChat(ada, bruno);
    const [here, there] = await deaf(ada, `/chats/${chat.id}`);
    await shows(here, "This is where it begins.");
    await signIn(there, bruno.email, bruno.password);
    const refused = here.waitForResponse(sending);
    await write(here, "Who says this?");
    assert.equal((await refused).status(), 401);
    await here.unroute(looking);
    await shows(here, `${bruno.nickname} has signed in in this browser.`);
    await here.getByRole("button", { name: `Menu of ${bruno.nickname}` }).waitFor();
    await atHeading(here, ada.nickname);
    await write(here, "Hello, Ada.");
    await rows(here, "Hello, Ada.").getByText("Sent").waitFor();
    assert.deepEqual(await saidIn(ada, chat), ["Hello, Ada."]);
    assert.ok((await slotOf(here, "Who says this?")).includes(ada.id), "it waits for its writer");
  });

  it("do not say again for another what was said, though its answer got lost", async () => {
    const { ada, bruno } = await two();
    const chat = await directChat(ada, bruno);
    const [here, there] = await deaf(ada, `/chats/${chat.id}`);
    await shows(here, "This is where it begins.");
    let heard = 0;
    await here.route(sending, async (route) => {
      heard += 1;
      if (heard === 1) await route.fetch();
      await route.abort();
    });
    await write(here, "only once");
    await rows(here, "only once").getByText("Sending").waitFor();
    await signIn(there, bruno.email, bruno.password);
    assert.deepEqual(await saidIn(ada, chat), ["only once"]);
    for (const blocked of [sending, looking]) await here.unroute(blocked);
    await shows(here, `${bruno.nickname} has signed in in this browser.`);
    await rows(here, "only once").waitFor();
    assert.deepEqual(await saidIn(ada, chat), ["only once"]);
    assert.ok((await slotOf(here, "only once")).includes(ada.id), "it waits for its answer");
  });

  it("publish nothing for another, and keep the draft for who has written it", async () => {
    const { ada, bruno } = await two();
    const [here, there] = await deaf(ada, "/write");
    await here.getByLabel("Title").fill("By Ada");
    await here.getByLabel("Text").fill("And by nobody else.");
    await signIn(there, bruno.email, bruno.password);
    const refused = here.waitForResponse(publishing);
    await here.getByRole("button", { name: "Publish" }).click();
    assert.equal((await refused).status(), 401);
    await here.unroute(looking);
    await here.getByRole("button", { name: "Publish" }).click();
    await shows(here, `${bruno.nickname} has signed in in this browser.`);
    await here.getByRole("button", { name: `Menu of ${bruno.nickname}` }).waitFor();
    assert.equal(await here.getByLabel("Title").inputValue(), "");
    const { posts } = (await bruno.ask("GET /v1/posts?pageSize=100")).as(ListPostsResponseSchema);
    assert.ok(posts.every(({ title }) => title !== "By Ada"));
    const draft = await here.evaluate((id) => localStorage.getItem(`plaza.draft.${id}`), ada.id);
    assert.match(draft ?? "", /And by nobody else/);
  });

  it("show both who is signed in, and what is his", async () => {
    const { ada, bruno } = await two();
    const clara = await register(site.url, "clara");
    await group(ada, "Choir", [clara]);
    const band = await group(bruno, "Band", [clara]);
    const here = await site.open("/sign-in?next=/chats");
    const there = await here.context().newPage();
    await there.goto(site.url);
    await there.getByRole("link", { name: "Sign in" }).waitFor();
    await signIn(here, ada.email, ada.password);
    await here.getByRole("link", { name: "Choir" }).waitFor();
    await there.getByRole("button", { name: `Menu of ${ada.nickname}` }).click();
    await there.getByRole("button", { name: "Sign out" }).click();
    await shows(here, "Your session has ended.");
    await atHeading(here, "Sign in");
    await there.getByRole("link", { name: "Sign in" }).click();
    await signIn(there, bruno.email, bruno.password);
    await here.getByRole("button", { name: `Menu of ${bruno.nickname}` }).waitFor();
    await here.getByRole("link", { name: "Band" }).waitFor();
    assert.equal(await here.getByRole("link", { name: "Choir" }).count(), 0);
    await say(clara, band, "Are you there?");
    await here.getByRole("link", { name: /Are you there\?/ }).waitFor();
  });

  async function two() {
    return { ada: await register(site.url, "ada"), bruno: await register(site.url, "bruno") };
  }

  /**
   * A window of a member, and one in which anybody may sign in. Neither hears of the other, and the first cannot look
   * who is signed in.
   */
  async function deaf(member: Member, path: string): Promise<[here: Page, there: Page]> {
    const there = await site.open("/");
    await there.context().addInitScript(() => {
      BroadcastChannel.prototype.postMessage = () => undefined;
    });
    await there.goto(`${site.url}/sign-in`);
    await atHeading(there, "Sign in");
    const here = await there.context().newPage();
    await here.goto(`${site.url}/sign-in?next=${encodeURIComponent(path)}`);
    await signIn(here, member.email, member.password);
    await here.route(looking, (route) => route.abort());
    return [here, there];
  }
});

/** The name under which the browser keeps what has the text; "" when it does not. */
async function slotOf(page: Page, text: string): Promise<string> {
  const all = await page.evaluate(() => Object.entries({ ...localStorage }));
  return all.find(([, kept]) => kept.includes(text))?.[0] ?? "";
}
