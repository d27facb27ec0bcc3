import { randomUUID } from "node:crypto";
import {
  create,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { ChatService } from "@plaza/contract/chat/v1/chat";
import { FriendService } from "@plaza/contract/friends/v1/friends";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { ShopService } from "@plaza/contract/shop/v1/shop";
import { decodeJwt } from "jose";
import { demoPassword, newNickname } from "./accounts.ts";
import type { ProtocolClient } from "./protocol-clients.ts";
import { productFields } from "./shop-fixtures.ts";

/** Somebody who signed in through a door. */
export type TestUser = {
  readonly id: string;
  readonly nickname: string;
  readonly password: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly sessionId: string;
};

/** What a request can be about: people, and what the owner has. */
export type AccessScenario = {
  readonly owner: TestUser;
  readonly other: TestUser;
  readonly member: TestUser;
  readonly admin: TestUser;
  /** A friend of all of them. */
  readonly friend: TestUser;
  /** The one who makes the call; undefined for somebody unknown. */
  readonly caller: TestUser | undefined;
  readonly postId: string;
  /** Something on sale, and something that may go off sale. */
  readonly productId: string;
  readonly retirableProductId: string;
  /** Orders of the owner: one that has been delivered, and one that is not paid. */
  readonly orderId: string;
  readonly pendingOrderId: string;
  /** A group of the owner's, in which the friend is too. */
  readonly chatId: string;
  /** What the owner has said in it. */
  readonly messageSeqs: readonly [first: number, second: number];
};

/** What belongs to an owner. */
type OwnedResources = Omit<AccessScenario, "other" | "member" | "admin" | "friend" | "caller">;

/** Makes people and things, through one door of a Plaza that has the demo accounts. */
export type Fixtures = {
  /** Somebody new, with a friend, a post, two orders and a group. */
  createOwner(): Promise<OwnedResources>;
  createMember(): Promise<TestUser>;
  signInAdmin(): Promise<TestUser>;
  /** Whom everybody here is friends with. */
  sharedFriend(): Promise<TestUser>;
  createPost(author: TestUser): Promise<string>;
};

/** Every player has placed an order under this key. */
export const orderIdempotencyKey = "an order";

export function createFixtures(door: ProtocolClient): Fixtures {
  async function must<I extends DescMethodUnary>(
    method: I,
    init: MessageInitShape<I["input"]>,
    player?: TestUser,
  ): Promise<MessageShape<I["output"]>> {
    const { code, message } = await door.call(
      method,
      create(method.input, init),
      authorizationHeaders(player),
    );
    if (!message) throw new Error(`${method.name} failed with ${code}`);
    return message as MessageShape<I["output"]>;
  }
  async function signIn(
    method: DescMethodUnary,
    init: object,
    password: string,
  ): Promise<TestUser> {
    const { user, accessToken, refreshToken } = await must(
      method as typeof AuthService.method.login,
      init,
    );
    const { id = "", nickname = "" } = user ?? {};
    const sessionId = String(decodeJwt(accessToken)["sid"]);
    return { id, nickname, password, accessToken, refreshToken, sessionId };
  }
  const register = () => {
    const nickname = newNickname();
    const password = randomUUID();
    const email = `${nickname}@example.org`;
    return signIn(AuthService.method.register, { email, password, nickname }, password);
  };
  const admin = () => {
    const account = { login: "admin1@email.com", password: demoPassword };
    return signIn(AuthService.method.login, account, demoPassword);
  };
  const shop = ShopService.method;
  const product = async (name: string) => {
    const made = {
      ...productFields,
      priceMinor: BigInt(productFields.priceMinor),
      idempotencyKey: `cast ${name}`,
    };
    return (await must(shop.createProduct, { ...made, name }, await admin())).id;
  };
  const order = async (player: TestUser, idempotencyKey: string) => {
    const productId = await product("product");
    await must(shop.addCartItem, { productId, quantity: 1 }, player);
    return (await must(shop.checkOut, { idempotencyKey }, player)).id;
  };
  let known: Promise<TestUser> | undefined;
  const sharedFriend = () => {
    known ??= register();
    return known;
  };
  const befriend = async (player: TestUser) => {
    const { requestFriendship } = FriendService.method;
    await must(requestFriendship, { userId: (await sharedFriend()).id }, player);
    await must(requestFriendship, { userId: player.id }, await sharedFriend());
  };
  const shopper = async (player: TestUser) => {
    await befriend(player);
    await order(player, orderIdempotencyKey);
    return player;
  };
  const delivered = async (owner: TestUser) => {
    const id = await order(owner, "another order");
    for (const step of [shop.confirmPayment, shop.shipOrder, shop.deliverOrder]) {
      await must(step, { id }, await admin());
    }
    return id;
  };
  const group = async (owner: TestUser) => {
    const { createChat, sendMessage } = ChatService.method;
    const members = { title: "A group", memberIds: [(await sharedFriend()).id] };
    const { id: chatId } = await must(createChat, members, owner);
    const say = async (text: string) =>
      (await must(sendMessage, { chatId, text, idempotencyKey: text }, owner)).seq;
    const messageSeqs = [await say("Hello."), await say("Again.")] as const;
    return { chatId, messageSeqs };
  };
  const createPost = async (author: TestUser) =>
    (await must(PostService.method.createPost, { title: "A post", body: "text" }, author)).id;
  return {
    createMember: async () => shopper(await register()),
    sharedFriend,
    createPost,
    signInAdmin: async () => shopper(await admin()),
    async createOwner() {
      const owner = await register();
      await befriend(owner);
      return {
        owner,
        postId: await createPost(owner),
        productId: await product("product"),
        retirableProductId: await product("old product"),
        pendingOrderId: await order(owner, orderIdempotencyKey),
        orderId: await delivered(owner),
        ...(await group(owner)),
      };
    },
  };
}

/** The headers by which a player makes himself known. */
export function authorizationHeaders(player: TestUser | undefined): Record<string, string> {
  return player ? { authorization: `Bearer ${player.accessToken}` } : {};
}
