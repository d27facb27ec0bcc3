import { randomUUID } from "node:crypto";
import { type Chat, ChatSchema } from "@plaza/contract/chat/v1/chats";
import {
  ListMessagesResponseSchema,
  type Message,
  MessageSchema,
} from "@plaza/contract/chat/v1/messages";
import type { Page } from "playwright-core";
import { type Member, register, signInDemo } from "../base/accounts.ts";
import { befriend } from "../base/chat-fixtures.ts";
import type { BrowserSuite } from "./browser-suite.ts";

/** Registers a member and opens a page as this member. */
export async function openAsNewMember(
  site: BrowserSuite,
  name: string,
  path = "/",
): Promise<Member & { page: Page }> {
  const member = await register(site.url, name);
  return { ...member, page: await site.openAsMember(member, path) };
}

/** Makes two members friends and creates their direct chat. */
export async function createDirectChat(one: Member, other: Member): Promise<Chat> {
  await befriend(one, other);
  return (await one.request("POST /v1/chats", { userId: other.id })).as(ChatSchema);
}

/** Makes the others friends of the owner and creates a group. */
export async function createGroup(owner: Member, title: string, others: Member[]): Promise<Chat> {
  for (const other of others) await befriend(owner, other);
  const memberIds = others.map(({ id }) => id);
  return (await owner.request("POST /v1/chats", { title, memberIds })).as(ChatSchema);
}

export async function sendMessage(
  { request }: Member,
  { id }: Chat,
  text: string,
): Promise<Message> {
  const message = { text, idempotencyKey: randomUUID() };
  return (await request(`POST /v1/chats/${id}/messages`, message)).as(MessageSchema);
}

/** The texts of the last 100 messages of a chat, from the server, oldest first. */
export async function listMessageTexts({ request }: Member, { id }: Chat): Promise<string[]> {
  const page = await request(`GET /v1/chats/${id}/messages?pageSize=100`);
  const { messages } = page.as(ListMessagesResponseSchema);
  return messages.map(({ text }) => text).reverse();
}

/** Types a message in the chat that is open and sends it. */
export async function typeMessage(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: /^Message / }).fill(text);
  await page.keyboard.press("Enter");
}

/** The rows of the chat that contain the text. */
export function messageRows(page: Page, text: string) {
  return page.getByRole("log").getByRole("listitem").filter({ hasText: text });
}

/** The texts of the messages shown, in their order. */
export function messageTexts(page: Page): Promise<string[]> {
  return page.getByRole("log").locator(".prose-chat").allInnerTexts();
}

/** Chooses an action of the last message with the text. */
export async function chooseMessageAction(page: Page, text: string, item: string): Promise<void> {
  const row = messageRows(page, text).last();
  await row.hover();
  await row.getByRole("button", { name: "Message actions" }).click();
  await row.getByRole("button", { name: item, exact: true }).last().click();
}

/** Creates a group of demo accounts with an example of each kind of message. */
export async function createSampleGroup(url: string): Promise<string> {
  const [ada, bruno, clara] = [
    await signInDemo(url, "admin1"),
    await signInDemo(url, "admin2"),
    await signInDemo(url, "nonadmin3"),
  ];
  const memberIds = [bruno.id, clara.id];
  const made = await ada.request("POST /v1/chats", { title: "Garden club", memberIds });
  const chat = made.as(ChatSchema);
  const first = await sendMessage(
    ada,
    chat,
    "Who has the *key* to the shed?\n\n- [map](https://example.org)",
  );
  await sendMessage(bruno, chat, "`Not me`");
  await clara.request(`POST /v1/chats/${chat.id}/messages/${first.seq}:react`, { emoji: "👍" });
  await clara.request(`POST /v1/chats/${chat.id}/messages`, {
    ...{ text: "I do. And carrots.", replyToSeq: first.seq, idempotencyKey: "carrots" },
  });
  const gone = await sendMessage(ada, chat, "Never mind");
  await ada.request(`DELETE /v1/chats/${chat.id}/messages/${gone.seq}`);
  return chat.id;
}
