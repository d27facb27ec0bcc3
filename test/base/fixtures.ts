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
import { once } from "./once.ts";
import type { ProtocolClient } from "./protocol-clients.ts";
import { productFields } from "./shop-fixtures.ts";

/** A user who is signed in. */
export type TestUser = {
  readonly id: string;
  readonly nickname: string;
  readonly password: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly sessionId: string;
};

/** Users and resources that a request can refer to. */
export type AccessScenario = {
  readonly owner: TestUser;
  readonly other: TestUser;
  readonly member: TestUser;
  readonly admin: TestUser;
  /** A friend of all of them. */
  readonly friend: TestUser;
  /** The user who makes the call; undefined for callers who are not signed in. */
  readonly caller: TestUser | undefined;
  readonly postId: string;
  /** A product on sale, and one that may be retired. */
  readonly productId: string;
  readonly retirableProductId: string;
  /** Orders of the owner: one that has been delivered, and one that is not paid. */
  readonly orderId: string;
  readonly pendingOrderId: string;
  /** A group that the owner owns and of which the friend is a member. */
  readonly chatId: string;
  /** The messages of the owner in it. */
  readonly messageSeqs: readonly [first: number, second: number];
};

/** Resources of an owner. */
type OwnedResources = Omit<AccessScenario, "other" | "member" | "admin" | "friend" | "caller">;

/** Creates users and resources over one protocol of a Plaza that has the demo accounts. */
export type Fixtures = {
  /** Registers a user with a friend, a post, two orders and a group. */
  createOwner(): Promise<OwnedResources>;
  /** Registers a user with a friend and an order. */
  createMember(): Promise<TestUser>;
  /** Registers a user who has nothing. */
  createAccount(): Promise<TestUser>;
  /** Begins another session of the user. */
  signInAgain(user: TestUser): Promise<TestUser>;
  signInAdmin(): Promise<TestUser>;
  /** The friend of all users made here. */
  sharedFriend(): Promise<TestUser>;
  createPost(author: TestUser): Promise<string>;
  createGroup(owner: TestUser): Promise<Pick<AccessScenario, "chatId" | "messageSeqs">>;
};

/** Every test user has placed an order under this key. */
export const orderIdempotencyKey = "an order";

export function createFixtures(client: ProtocolClient): Fixtures {
  async function callOrThrow<I extends DescMethodUnary>(
    method: I,
    init: MessageInitShape<I["input"]>,
    user?: TestUser,
  ): Promise<MessageShape<I["output"]>> {
    const { code, message } = await client.call(
      method,
      create(method.input, init),
      authorizationHeaders(user),
    );
    if (!message) throw new Error(`${method.name} failed with ${code}`);
    return message as MessageShape<I["output"]>;
  }
  async function signIn(
    method: DescMethodUnary,
    init: object,
    password: string,
  ): Promise<TestUser> {
    const { user, accessToken, refreshToken } = await callOrThrow(
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
  const signInAgain = ({ nickname, password }: TestUser) =>
    signIn(AuthService.method.login, { login: nickname, password }, password);
  // Each signing in costs a hash of the password.
  const admin = once(() => {
    const account = { login: "admin1@email.com", password: demoPassword };
    return signIn(AuthService.method.login, account, demoPassword);
  });
  const sharedFriend = once(register);
  const shop = ShopService.method;
  const createProduct = async (name: string) => {
    const fields = {
      ...productFields,
      priceMinor: BigInt(productFields.priceMinor),
      idempotencyKey: `fixture ${name}`,
    };
    return (await callOrThrow(shop.createProduct, { ...fields, name }, await admin())).id;
  };
  const sharedProduct = once(() => createProduct("product"));
  const retirableProduct = once(() => createProduct("old product"));
  const placeOrder = async (user: TestUser, idempotencyKey: string) => {
    const productId = await sharedProduct();
    await callOrThrow(shop.addCartItem, { productId, quantity: 1 }, user);
    return (await callOrThrow(shop.checkOut, { idempotencyKey }, user)).id;
  };
  const befriend = async (user: TestUser) => {
    const { requestFriendship } = FriendService.method;
    await callOrThrow(requestFriendship, { userId: (await sharedFriend()).id }, user);
    await callOrThrow(requestFriendship, { userId: user.id }, await sharedFriend());
  };
  const withFriendAndOrder = async (user: TestUser) => {
    await befriend(user);
    await placeOrder(user, orderIdempotencyKey);
    return user;
  };
  const createDeliveredOrder = async (owner: TestUser) => {
    const id = await placeOrder(owner, "another order");
    for (const step of [shop.confirmPayment, shop.shipOrder, shop.deliverOrder]) {
      await callOrThrow(step, { id }, await admin());
    }
    return id;
  };
  const createGroup = async (owner: TestUser) => {
    const { createChat, sendMessage } = ChatService.method;
    const members = { title: "A group", memberIds: [(await sharedFriend()).id] };
    const { id: chatId } = await callOrThrow(createChat, members, owner);
    const send = async (text: string) =>
      (await callOrThrow(sendMessage, { chatId, text, idempotencyKey: text }, owner)).seq;
    const messageSeqs = [await send("Hello."), await send("Again.")] as const;
    return { chatId, messageSeqs };
  };
  const createPost = async (author: TestUser) =>
    (await callOrThrow(PostService.method.createPost, { title: "A post", body: "text" }, author))
      .id;
  return {
    createMember: async () => withFriendAndOrder(await register()),
    createAccount: register,
    signInAgain,
    signInAdmin: async () => withFriendAndOrder(await admin()),
    sharedFriend,
    createPost,
    createGroup,
    async createOwner() {
      const owner = await register();
      await befriend(owner);
      return {
        owner,
        postId: await createPost(owner),
        productId: await sharedProduct(),
        retirableProductId: await retirableProduct(),
        pendingOrderId: await placeOrder(owner, orderIdempotencyKey),
        orderId: await createDeliveredOrder(owner),
        ...(await createGroup(owner)),
      };
    },
  };
}

/** The headers by which a user authenticates. */
export function authorizationHeaders(user: TestUser | undefined): Record<string, string> {
  return user ? { authorization: `Bearer ${user.accessToken}` } : {};
}
