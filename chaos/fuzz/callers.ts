import { PostSchema } from "@plaza/contract/posts/v1/posts";
import { CartSchema } from "@plaza/contract/shop/v1/carts";
import { type Member, register, signInDemo } from "../../test/base/accounts.ts";
import { rest } from "../../test/base/api-client.ts";
import { chatSubject } from "../../test/base/chat-fixtures.ts";
import { buy, productFor } from "../../test/base/shop-fixtures.ts";

/** Who sends random requests, and the names of things that exist. */
export type Callers = {
  /** Whose turn it is, by the number of the request; undefined for nobody. */
  of(turn: number): Member | undefined;
  /** Ids, tokens and names that mean something. */
  readonly known: readonly string[];
  /** Replaces those whose session has ended: random requests end sessions and delete accounts. */
  renew(): Promise<void>;
};

/** Makes a member and an admin who call, and others whose things they may find. */
export async function createCallers(url: string): Promise<Callers> {
  // Takes no part, so that there is always somebody to make an admin.
  const reserve = await signInDemo(url, "admin2");
  const other = await register(url);
  const post = await other.ask("POST /v1/posts", { title: "Of another", body: "text" });
  const sessions = (await other.ask("GET /v1/auth/sessions")).json() as {
    sessions: { id: string }[];
  };
  const productId = await productFor(reserve);
  const orderId = await buy(other, productId);
  const chat = await chatSubject(other, await register(url));
  const guest = await rest(url)("POST /v1/carts/me/items", { productId, quantity: 1 });
  const page = (await other.ask("GET /v1/posts?pageSize=1")).json() as { nextPageToken: string };
  const newAdmin = async (): Promise<Member> => {
    const admin = await register(url);
    await reserve.ask(`POST /v1/auth/accounts/${admin.id}:grantRole`, { role: "admin" });
    return admin;
  };
  let member = await register(url);
  let admin = await newAdmin();
  const works = async ({ ask }: Member) => (await ask("GET /v1/users/me")).status === 200;
  return {
    of: (turn) => [undefined, member, admin][turn % 3],
    known: [
      other.id,
      other.nickname,
      other.email,
      other.password,
      other.accessToken,
      other.refreshToken,
      post.as(PostSchema).id,
      sessions.sessions[0]?.id ?? "",
      page.nextPageToken,
      productId,
      orderId,
      String(chat["chatId"]),
      guest.as(CartSchema).cartToken,
      member.id,
      "admin",
    ],
    async renew() {
      if (!(await works(member))) member = await register(url);
      if (!(await works(admin))) admin = await newAdmin();
    },
  };
}
