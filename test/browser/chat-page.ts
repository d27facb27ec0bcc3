import { randomUUID } from "node:crypto";
import { type Chat, ChatSchema } from "@plaza/contract/chat/v1/chats";
import {
  ListMessagesResponseSchema,
  type Message,
  MessageSchema,
} from "@plaza/contract/chat/v1/messages";
import type { Page } from "playwright-core";
import { type Member, register, signInDemo } from "../base/accounts.ts";
import { type BrowserSuite, signIn } from "./browser-suite.ts";

/** Somebody new, in a browser of his own. */
export async function openAsNewMember(
  site: BrowserSuite,
  name: string,
  path = "/",
): Promise<Member & { page: Page }> {
  const member = await register(site.url, name);
  return { ...member, page: await openSignedIn(site, member, path) };
}

/** Opens a page as somebody. */
export async function openSignedIn(
  site: BrowserSuite,
  member: Member,
  path: string,
): Promise<Page> {
  const page = await site.open(`/sign-in?next=${encodeURIComponent(path)}`);
  await signIn(page, member.email, member.password);
  return page;
}

export async function befriend(one: Member, other: Member): Promise<void> {
  await one.request("POST /v1/friends:request", { userId: other.id });
  await other.request("POST /v1/friends:request", { userId: one.id });
}

/** The direct chat of two who are friends from now on. */
export async function createDirectChat(one: Member, other: Member): Promise<Chat> {
  await befriend(one, other);
  return (await one.request("POST /v1/chats", { userId: other.id })).as(ChatSchema);
}

/** A group of friends. */
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
  const words = { text, idempotencyKey: randomUUID() };
  return (await request(`POST /v1/chats/${id}/messages`, words)).as(MessageSchema);
}

/** What was said in a chat, as the server has it: the last of it, from the oldest to the newest. */
export async function listMessageTexts({ request }: Member, { id }: Chat): Promise<string[]> {
  const page = await request(`GET /v1/chats/${id}/messages?pageSize=100`);
  const { messages } = page.as(ListMessagesResponseSchema);
  return messages.map(({ text }) => text).reverse();
}

/** Writes in the chat that is open. */
export async function typeMessage(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: /^Write to/ }).fill(text);
  await page.keyboard.press("Enter");
}

/** The rows of the conversation that have the text. */
export function messageRows(page: Page, text: string) {
  return page.getByRole("log").getByRole("listitem").filter({ hasText: text });
}

/** A group of the demo accounts, with a little of everything that can be in one. */
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
