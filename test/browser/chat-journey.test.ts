import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ChatSchema } from "@plaza/contract/chat/v1/chats";
import type { Page } from "playwright-core";
import type { Member } from "../base/accounts.ts";
import { atHeading, shows, skip, suiteBrowser } from "./browser-suite.ts";
import { arrive, befriend, rows, write } from "./chat-page.ts";

describe("three people in three browsers", { skip }, () => {
  const site = suiteBrowser();

  it("become friends, talk, lose the connection, make a group, and part", async () => {
    const [ada, bruno, clara] = [
      await arrive(site, "ada", "/friends"),
      await arrive(site, "bruno"),
      await arrive(site, "clara", "/chats"),
    ];

    // One asks, the other says yes.
    await ada.page.getByRole("searchbox").fill(bruno.nickname);
    await ada.page.getByRole("button", { name: "Add friend" }).click();
    await shows(ada.page, "Requested");
    await bruno.page.getByRole("link", { name: "Friends, 1 request" }).click();
    await atHeading(bruno.page, "Friends");
    await bruno.page.getByText("Incoming (1)").click();
    await bruno.page.getByRole("button", { name: "Confirm" }).click();
    await bruno.page.getByRole("link", { name: "Friends", exact: true }).waitFor();
    await shows(bruno.page, "Nobody waits for your answer");
    await ada.page.getByRole("button", { name: "Write" }).waitFor();
    await bruno.page.getByText("Friends").last().click();

    // They talk, both ways, and see each other reading and writing.
    await bruno.page.getByRole("button", { name: "Write" }).click();
    await atHeading(bruno.page, ada.nickname);
    await write(bruno.page, "Good morning, *Ada*.");
    await rows(bruno.page, "Good morning, Ada.").getByText("Sent").waitFor();
    await ada.page.getByRole("link", { name: "Chats, 1 unread" }).click();
    await ada.page.getByRole("link", { name: bruno.nickname }).click();
    await rows(ada.page, "Good morning, Ada.").waitFor();
    await ada.page.getByRole("link", { name: "Chats", exact: true }).waitFor();
    await rows(bruno.page, "Good morning, Ada.").getByText("Read").waitFor();
    await ada.page.getByRole("textbox", { name: /^Write to/ }).pressSequentially("Good");
    await shows(bruno.page, `${ada.nickname} is writing…`);
    await write(ada.page, "Good evening!");
    await rows(bruno.page, "Good evening!").waitFor();

    // One has no connection: what he hears and says meanwhile comes later, and comes once.
    await bruno.page.context().setOffline(true);
    await shows(bruno.page, "No connection.");
    await write(ada.page, "Are you there?");
    await rows(ada.page, "Are you there?").getByText("Sent").waitFor();
    await write(bruno.page, "I am in a tunnel.");
    await write(bruno.page, "A long one.");
    await rows(bruno.page, "A long one.").getByText("Sending").waitFor();
    await bruno.page.waitForTimeout(1_000);
    assert.equal(await rows(bruno.page, "Are you there?").count(), 0, "nothing comes through");
    assert.equal(await rows(ada.page, "tunnel").count(), 0, "nothing gets out");
    await bruno.page.context().setOffline(false);
    await rows(bruno.page, "Are you there?").waitFor();
    await rows(ada.page, "A long one.").waitFor();
    await rows(bruno.page, "A long one.").getByText("Read").waitFor();
    for (const { page } of [ada, bruno]) {
      const said = await page.getByRole("log").getByRole("listitem").allInnerTexts();
      const order = said.flatMap((text) => /there\?|tunnel|long one/.exec(text) ?? []);
      assert.deepEqual(order, ["there?", "tunnel", "long one"]);
    }

    // A group of three, live for everybody.
    await befriend(ada, clara);
    await ada.page.getByRole("link", { name: "New chat" }).click();
    await ada.page.getByRole("checkbox", { name: bruno.nickname }).check();
    await ada.page.getByRole("checkbox", { name: clara.nickname }).check();
    await ada.page.getByLabel("Name of the group").fill("Choir");
    await ada.page.getByRole("button", { name: "Make a group of 3" }).click();
    await atHeading(ada.page, "Choir");
    await write(ada.page, "Who sings alto?");
    await clara.page.getByRole("link", { name: "Choir" }).click();
    await shows(clara.page, `${ada.nickname} made the group “Choir” with`);
    await write(clara.page, "I do.");
    await bruno.page.getByRole("link", { name: "Choir" }).click();
    await rows(bruno.page, "I do.").waitFor();
    await rows(ada.page, "Who sings alto?").getByText("Read", { exact: true }).waitFor();
    await ada.page.getByRole("link", { name: "Group" }).click();
    await ada.page.getByRole("button", { name: `More about ${clara.nickname}` }).click();
    await ada.page.getByRole("button", { name: "Remove" }).click();
    await ada.page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await shows(clara.page, "You are no longer in this group.");
    await shows(bruno.page, `${ada.nickname} removed ${clara.nickname}`);
    assert.equal(await clara.page.getByRole("link", { name: "Choir" }).count(), 0);

    // One parts with another, which both see at once, and then wants to be left alone by her, which she does not.
    await ada.page.getByRole("link", { name: bruno.nickname }).first().click();
    await rows(ada.page, "A long one.").waitFor();
    const chat = new URL(ada.page.url()).pathname;
    const [profile, window] = [
      await beside(ada.page, `${site.url}/members/${bruno.id}`),
      await beside(bruno.page, site.url + chat),
    ];
    await profile.getByRole("button", { name: "Write" }).waitFor();
    await bruno.page.goto(`${site.url}/members/${ada.id}`);
    await step(bruno.page, ada, "Remove friend");
    await profile.getByRole("button", { name: "Add friend" }).waitFor();
    await step(bruno.page, ada, "Block");
    await bruno.page.getByRole("button", { name: "Unblock" }).waitFor();
    await shows(window, "You have blocked this person.");
    await isBlocked(ada, chat);
    await profile.getByRole("button", { name: "Add friend" }).waitFor();
    await write(ada.page, "One more thing");
    await shows(ada.page, "You cannot write to each other any more.");
    await rows(ada.page, "One more thing").getByText("Not sent").waitFor();
    await ada.page.goto(`${site.url}/friends?q=${bruno.nickname}`);
    await shows(ada.page, "Nobody of that name");
  });
});

/** Another window of the same person. */
async function beside(page: Page, url: string): Promise<Page> {
  const other = await page.context().newPage();
  await other.goto(url);
  return other;
}

/** Takes a step about somebody that asks first. */
async function step(page: Page, { nickname }: Member, name: string): Promise<void> {
  await page.getByRole("button", { name: `More about ${nickname}` }).click();
  await page.getByRole("button", { name }).click();
  await page.getByRole("dialog").getByRole("button", { name }).click();
}

/** Chats follow friends within a second, and some for a busy machine. */
async function isBlocked({ ask }: Member, path: string): Promise<void> {
  for (const until = Date.now() + 10_000; Date.now() < until; await sleep(50)) {
    if ((await ask(`GET /v1${path}`)).as(ChatSchema).blocked) return;
  }
  assert.fail("the block is not followed");
}
