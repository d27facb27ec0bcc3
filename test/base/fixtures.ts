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
import type { Door } from "./protocol-clients.ts";
import { goods } from "./shop-fixtures.ts";

/** Somebody who signed in through a door. */
export type Player = {
  readonly id: string;
  readonly nickname: string;
  readonly password: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly sessionId: string;
};

/** What a request can be about: people, and what the owner has. */
export type Scene = {
  readonly owner: Player;
  readonly other: Player;
  readonly member: Player;
  readonly admin: Player;
  /** A friend of all of them. */
  readonly friend: Player;
  /** The one who makes the call; undefined for somebody unknown. */
  readonly caller: Player | undefined;
  readonly postId: string;
  /** Something on sale, and something that may go off sale. */
  readonly productId: string;
  readonly oldProductId: string;
  /** Orders of the owner: one that has been delivered, and one that is not paid. */
  readonly orderId: string;
  readonly pendingOrderId: string;
  /** A group of the owner's, in which the friend is too. */
  readonly chatId: string;
  /** What the owner has said in it. */
  readonly messageSeqs: readonly [first: number, second: number];
};

/** What belongs to an owner. */
type Belongings = Omit<Scene, "other" | "member" | "admin" | "friend" | "caller">;

/** Makes people and things, through one door of a Plaza that has the demo accounts. */
export type Cast = {
  /** Somebody new, with a friend, a post, two orders and a group. */
  owner(): Promise<Belongings>;
  member(): Promise<Player>;
  admin(): Promise<Player>;
  /** Whom everybody here is friends with. */
  friend(): Promise<Player>;
  post(author: Player): Promise<string>;
};

/** Every player has placed an order under this key. */
export const orderKey = "an order";

export function cast(door: Door): Cast {
  async function must<I extends DescMethodUnary>(
    method: I,
    init: MessageInitShape<I["input"]>,
    player?: Player,
  ): Promise<MessageShape<I["output"]>> {
    const { code, message } = await door.call(
      method,
      create(method.input, init),
      headersOf(player),
    );
    if (!message) throw new Error(`${method.name} failed with ${code}`);
    return message as MessageShape<I["output"]>;
  }
  async function signIn(method: DescMethodUnary, init: object, password: string): Promise<Player> {
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
    const made = { ...goods, priceMinor: BigInt(goods.priceMinor), idempotencyKey: `cast ${name}` };
    return (await must(shop.createProduct, { ...made, name }, await admin())).id;
  };
  const order = async (player: Player, idempotencyKey: string) => {
    const productId = await product("product");
    await must(shop.addCartItem, { productId, quantity: 1 }, player);
    return (await must(shop.checkOut, { idempotencyKey }, player)).id;
  };
  let known: Promise<Player> | undefined;
  const friend = () => {
    known ??= register();
    return known;
  };
  const befriend = async (player: Player) => {
    const { requestFriendship } = FriendService.method;
    await must(requestFriendship, { userId: (await friend()).id }, player);
    await must(requestFriendship, { userId: player.id }, await friend());
  };
  const shopper = async (player: Player) => {
    await befriend(player);
    await order(player, orderKey);
    return player;
  };
  const delivered = async (owner: Player) => {
    const id = await order(owner, "another order");
    for (const step of [shop.confirmPayment, shop.shipOrder, shop.deliverOrder]) {
      await must(step, { id }, await admin());
    }
    return id;
  };
  const group = async (owner: Player) => {
    const { createChat, sendMessage } = ChatService.method;
    const members = { title: "A group", memberIds: [(await friend()).id] };
    const { id: chatId } = await must(createChat, members, owner);
    const say = async (text: string) =>
      (await must(sendMessage, { chatId, text, idempotencyKey: text }, owner)).seq;
    const messageSeqs = [await say("Hello."), await say("Again.")] as const;
    return { chatId, messageSeqs };
  };
  const post = async (author: Player) =>
    (await must(PostService.method.createPost, { title: "A post", body: "text" }, author)).id;
  return {
    member: async () => shopper(await register()),
    friend,
    post,
    admin: async () => shopper(await admin()),
    async owner() {
      const owner = await register();
      await befriend(owner);
      return {
        owner,
        postId: await post(owner),
        productId: await product("product"),
        oldProductId: await product("old product"),
        pendingOrderId: await order(owner, orderKey),
        orderId: await delivered(owner),
        ...(await group(owner)),
      };
    },
  };
}

/** The headers by which a player makes himself known. */
export function headersOf(player: Player | undefined): Record<string, string> {
  return player ? { authorization: `Bearer ${player.accessToken}` } : {};
}
