import { randomUUID } from "node:crypto";
import type { DescService } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { ChatService } from "@plaza/contract/chat/v1/chat";
import { FriendService } from "@plaza/contract/friends/v1/friends";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { ShopService } from "@plaza/contract/shop/v1/shop";
import type { TestPlaza } from "@plaza/kit/testing/plaza";
import { decodeJwt } from "jose";

/** The text of rows that the reader may see, and of rows that only others may see. */
export const ownText = "visible";
export const foreignText = "secret";
/** A word of all of these texts. */
export const sharedWord = "shared";
/** The prices of the product that the reader asks for, and of another. */
export const prices = { own: 310_001n, foreign: 310_002n };

/** A user who is signed in. */
type TestUser = {
  readonly id: string;
  readonly nickname: string;
  readonly sessionId: string;
  as<T extends DescService>(contract: T): Client<T>;
};

/**
 * Rows of a reader and, for each of them, rows of a stranger: of the same time when the clock stands still, at the
 * same positions of their logs, with the same words, and with the ids of the reader's rows in their texts.
 */
export type ForeignRows = Awaited<ReturnType<typeof insertForeignRows>>;

export async function insertForeignRows(plaza: TestPlaza) {
  const [reader, friend, third] = [
    await register(plaza, "reader"),
    await register(plaza, "friend"),
    await register(plaza, "third"),
  ];
  // The stranger's nickname begins with the reader's; their user agent is the reader's id.
  const stranger = await register(plaza, `${reader.nickname}_x`, reader.id);
  const people = {
    admin: clientsOf(plaza, randomUUID(), "admin"),
    reader,
    friend,
    third,
    stranger,
  };
  for (const member of [reader, third, stranger]) await befriend(friend, member);
  await insertRelations(people);
  await plaza.drainEvents();
  const chats = await insertChats(people);
  return {
    ...people,
    ...chats,
    posts: await insertPosts(people),
    ...(await insertPurchases(people)),
  };
}

type People = Readonly<Record<"reader" | "friend" | "third" | "stranger", TestUser>> & {
  readonly admin: Pick<TestUser, "as">;
};

async function register(plaza: TestPlaza, nickname: string, userAgent = ""): Promise<TestUser> {
  const account = { nickname, email: `${nickname}@example.org`, password: randomUUID() };
  const headers = { "user-agent": userAgent };
  const { accessToken } = await plaza.client(AuthService).register(account, { headers });
  const { sub: id = "", sid } = decodeJwt<{ sid: string }>(accessToken);
  return { id, nickname, sessionId: sid, ...clientsOf(plaza, id, "member", sid) };
}

function clientsOf(plaza: TestPlaza, id: string, role: string, sessionId: string = randomUUID()) {
  const account = { id, sessionId, roles: [role] };
  return { as: <T extends DescService>(contract: T) => plaza.client(contract, { account }) };
}

async function befriend(one: TestUser, other: TestUser): Promise<void> {
  await one.as(FriendService).requestFriendship({ userId: other.id });
  await other.as(FriendService).confirmFriendship({ userId: one.id });
}

/** The stranger blocks the reader, and is asked for friendship by the third user. */
async function insertRelations({ reader, third, stranger }: People): Promise<void> {
  await stranger.as(FriendService).blockUser({ userId: reader.id });
  await third.as(FriendService).requestFriendship({ userId: stranger.id });
}

/** In the late chat the reader sees what follows the first message; of the other two nothing. */
async function insertChats({ friend, reader, third, stranger }: People) {
  const late = await createGroup(friend, third, ownText);
  const about = `${sharedWord} "${late.id}" ${reader.id} ${reader.nickname}`;
  const [own, foreign] = [`${about} ${ownText}`, `${about} ${foreignText}`];
  await fill(late.id, friend, foreign, reader, own);
  const strangers = await createGroup(friend, stranger, foreignText);
  await fill(strangers.id, stranger, foreign, third, foreign);
  const left = await createGroup(friend, stranger, foreignText);
  await friend.as(ChatService).addMembers({ chatId: left.id, userIds: [reader.id] });
  await friend.as(ChatService).removeMember({ chatId: left.id, userId: reader.id });
  await fill(left.id, friend, foreign, third, foreign);
  return { lateChatId: late.id, strangersChatId: strangers.id, leftChatId: left.id };

  /** Adds a member between two messages, and a reaction to the second one. */
  async function fill(
    chatId: string,
    sender: TestUser,
    before: string,
    { id }: TestUser,
    after: string,
  ): Promise<void> {
    const chats = sender.as(ChatService);
    await chats.sendMessage({ chatId, text: before, idempotencyKey: "first" });
    await friend.as(ChatService).addMembers({ chatId, userIds: [id] });
    const { seq } = await chats.sendMessage({ chatId, text: after, idempotencyKey: "second" });
    await chats.reactToMessage({ chatId, seq, emoji: "👍" });
  }
}

function createGroup(owner: TestUser, member: TestUser, title: string) {
  return owner.as(ChatService).createChat({ title, memberIds: [member.id] });
}

async function insertPosts({ reader, stranger }: People) {
  const text = `${sharedWord} ${reader.id} ${reader.nickname}`;
  const post = async (author: TestUser) =>
    (await author.as(PostService).createPost({ title: text, body: text })).id;
  return { own: await post(reader), foreign: await post(stranger) };
}

async function insertPurchases({ admin, reader, stranger }: People) {
  const createProduct = async (name: string, priceMinor: bigint) => {
    const fields = { name, description: reader.id, priceMinor, currency: "EUR", stock: 9 };
    return (await admin.as(ShopService).createProduct(fields)).id;
  };
  const own = await createProduct(sharedWord, prices.own);
  const foreign = await createProduct(`${sharedWord} ${own}`, prices.foreign);
  const retired = await createProduct(`${sharedWord} ${own}`, prices.own);
  await admin.as(ShopService).retireProduct({ id: retired });
  /** Orders the product, and puts another piece into the cart. */
  const buy = async (buyer: TestUser, productId: string) => {
    const shop = buyer.as(ShopService);
    await shop.addCartItem({ productId, quantity: 1 });
    const texts = { deliveryName: reader.nickname, note: `${reader.id} ${own}` };
    const { id } = await shop.checkOut({ ...texts, idempotencyKey: reader.id });
    await shop.addCartItem({ productId, quantity: 1 });
    return id;
  };
  const orders = { own: await buy(reader, own), foreign: await buy(stranger, foreign) };
  return { products: { own, foreign, retired }, orders };
}
