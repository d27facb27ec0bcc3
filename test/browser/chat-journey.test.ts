import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ChatSchema } from "@plaza/contract/chat/v1/chats";
import type { Page } from "playwright-core";
import type { Member } from "../base/accounts.ts";
import { befriend } from "../base/chat-fixtures.ts";
import { waitUntil } from "../base/wait-until.ts";
import { browserSuite, skipWithoutBrowser, waitForHeading, waitForText } from "./browser-suite.ts";
import { messageRows, openAsNewMember, typeMessage } from "./chat-page.ts";

describe("three people in three browsers", { skip: skipWithoutBrowser }, () => {
  const site = browserSuite();

  it("become friends, talk, lose the connection, make a group, and part", async () => {
    const [ada, bruno, clara] = [
      await openAsNewMember(site, "ada", "/friends"),
      await openAsNewMember(site, "bruno"),
      await openAsNewMember(site, "clara", "/chats"),
    ];

    // One requests the friendship, the other confirms.
    await ada.page.getByRole("searchbox").fill(bruno.nickname);
    await ada.page.getByRole("button", { name: "Add friend" }).click();
    await waitForText(ada.page, "Request sent");
    await bruno.page.getByRole("link", { name: "Friends, 1 request" }).click();
    await waitForHeading(bruno.page, "Friends");
    await bruno.page.getByText("Requests (1)").click();
    await bruno.page.getByRole("button", { name: "Confirm" }).click();
    await bruno.page.getByRole("link", { name: "Friends", exact: true }).waitFor();
    await waitForText(bruno.page, "No requests");
    await ada.page.getByRole("button", { name: "Message" }).waitFor();
    await bruno.page.getByText("Friends").last().click();

    // They write to each other, and see each other reading and typing.
    await bruno.page.getByRole("button", { name: "Message" }).click();
    await waitForHeading(bruno.page, ada.nickname);
    await typeMessage(bruno.page, "Good morning, *Ada*.");
    await messageRows(bruno.page, "Good morning, Ada.").getByText("Sent").waitFor();
    await ada.page.getByRole("link", { name: "Chats, 1 unread" }).click();
    await ada.page.getByRole("link", { name: bruno.nickname }).click();
    await messageRows(ada.page, "Good morning, Ada.").waitFor();
    await ada.page.getByRole("link", { name: "Chats", exact: true }).waitFor();
    await messageRows(bruno.page, "Good morning, Ada.").getByText("Read").waitFor();
    await ada.page.getByRole("textbox", { name: /^Message / }).pressSequentially("Good");
    await waitForText(bruno.page, `${ada.nickname} is typing…`);
    await typeMessage(ada.page, "Good evening!");
    await messageRows(bruno.page, "Good evening!").waitFor();

    // One has no connection: messages to and from them arrive later, and once.
    await bruno.page.context().setOffline(true);
    await waitForText(bruno.page, "No connection.");
    await typeMessage(ada.page, "Are you there?");
    await messageRows(ada.page, "Are you there?").getByText("Sent").waitFor();
    await typeMessage(bruno.page, "I am in a tunnel.");
    await typeMessage(bruno.page, "A long one.");
    await messageRows(bruno.page, "A long one.").getByText("Sending").waitFor();
    await bruno.page.waitForTimeout(1_000);
    assert.equal(
      await messageRows(bruno.page, "Are you there?").count(),
      0,
      "nothing comes through",
    );
    assert.equal(await messageRows(ada.page, "tunnel").count(), 0, "nothing gets out");
    await bruno.page.context().setOffline(false);
    await messageRows(bruno.page, "Are you there?").waitFor();
    await messageRows(ada.page, "A long one.").waitFor();
    await messageRows(bruno.page, "A long one.").getByText("Read").waitFor();
    for (const { page } of [ada, bruno]) {
      const rows = await page.getByRole("log").getByRole("listitem").allInnerTexts();
      const order = rows.flatMap((text) => /there\?|tunnel|long one/.exec(text) ?? []);
      assert.deepEqual(order, ["there?", "tunnel", "long one"]);
    }

    // A group of three, live for everybody.
    await befriend(ada, clara);
    await ada.page.getByRole("link", { name: "New chat" }).click();
    await ada.page.getByRole("checkbox", { name: bruno.nickname }).check();
    await ada.page.getByRole("checkbox", { name: clara.nickname }).check();
    await ada.page.getByLabel("Group name").fill("Choir");
    await ada.page.getByRole("button", { name: "Create group (3 people)" }).click();
    await waitForHeading(ada.page, "Choir");
    await typeMessage(ada.page, "Who sings alto?");
    await clara.page.getByRole("link", { name: "Choir" }).click();
    await waitForText(clara.page, `${ada.nickname} created the group “Choir” with`);
    await typeMessage(clara.page, "I do.");
    await bruno.page.getByRole("link", { name: "Choir" }).click();
    await messageRows(bruno.page, "I do.").waitFor();
    await messageRows(ada.page, "Who sings alto?").getByText("Read", { exact: true }).waitFor();
    await ada.page.getByRole("link", { name: "Group" }).click();
    await ada.page.getByRole("button", { name: `More actions for ${clara.nickname}` }).click();
    await ada.page.getByRole("button", { name: "Remove" }).click();
    await ada.page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await waitForText(clara.page, "You are no longer in this group.");
    await waitForText(bruno.page, `${ada.nickname} removed ${clara.nickname}`);
    assert.equal(await clara.page.getByRole("link", { name: "Choir" }).count(), 0);

    // One ends the friendship, which both see at once, then blocks the other, who sees only that writing fails.
    await ada.page.getByRole("link", { name: bruno.nickname }).first().click();
    await messageRows(ada.page, "A long one.").waitFor();
    const chat = new URL(ada.page.url()).pathname;
    const [profile, window] = [
      await openSecondWindow(ada.page, `${site.url}/members/${bruno.id}`),
      await openSecondWindow(bruno.page, site.url + chat),
    ];
    await profile.getByRole("button", { name: "Message" }).waitFor();
    await bruno.page.goto(`${site.url}/members/${ada.id}`);
    await confirmFriendAction(bruno.page, ada, "Remove friend");
    await profile.getByRole("button", { name: "Add friend" }).waitFor();
    await confirmFriendAction(bruno.page, ada, "Block");
    await bruno.page.getByRole("button", { name: "Unblock" }).waitFor();
    await waitForText(window, "You blocked this person.");
    await waitUntilBlocked(ada, chat);
    await profile.getByRole("button", { name: "Add friend" }).waitFor();
    await typeMessage(ada.page, "One more thing");
    await waitForText(ada.page, "You can no longer message each other.");
    await messageRows(ada.page, "One more thing").getByText("Not sent").waitFor();
    await ada.page.goto(`${site.url}/friends?q=${bruno.nickname}`);
    await waitForText(ada.page, "No members found");
  });
});

/** Opens another window with the profile of the page. */
async function openSecondWindow(page: Page, url: string): Promise<Page> {
  const other = await page.context().newPage();
  await other.goto(url);
  return other;
}

/** Chooses an action about a member and confirms it in the dialog. */
async function confirmFriendAction(page: Page, { nickname }: Member, name: string): Promise<void> {
  await page.getByRole("button", { name: `More actions for ${nickname}` }).click();
  await page.getByRole("button", { name }).click();
  await page.getByRole("dialog").getByRole("button", { name }).click();
}

function waitUntilBlocked({ request }: Member, path: string): Promise<void> {
  const isBlocked = async () => (await request(`GET /v1${path}`)).as(ChatSchema).blocked;
  return waitUntil(isBlocked, "the chat is not blocked");
}
