import { randomUUID } from "node:crypto";
import {
  create,
  type DescMethodUnary,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { decodeJwt } from "jose";
import { demoPassword, newNickname } from "./accounts.ts";
import type { Door } from "./doors.ts";

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
  /** The one who makes the call; undefined for somebody unknown. */
  readonly caller: Player | undefined;
  readonly postId: string;
};

/** Makes people and things, through one door of a Plaza that has the demo accounts. */
export type Cast = {
  /** Somebody new, with a post. */
  author(): Promise<Pick<Scene, "owner" | "postId">>;
  member(): Promise<Player>;
  admin(): Promise<Player>;
  post(author: Player): Promise<string>;
};

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
  const member = () => {
    const nickname = newNickname();
    const password = randomUUID();
    const email = `${nickname}@example.org`;
    return signIn(AuthService.method.register, { email, password, nickname }, password);
  };
  const post = async (author: Player) =>
    (await must(PostService.method.createPost, { title: "A post", body: "text" }, author)).id;
  return {
    member,
    post,
    admin: () => {
      const admin = { login: "admin1@email.com", password: demoPassword };
      return signIn(AuthService.method.login, admin, demoPassword);
    },
    async author() {
      const owner = await member();
      return { owner, postId: await post(owner) };
    },
  };
}

/** The headers by which a player makes himself known. */
export function headersOf(player: Player | undefined): Record<string, string> {
  return player ? { authorization: `Bearer ${player.accessToken}` } : {};
}
