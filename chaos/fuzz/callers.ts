import { PostSchema } from "@plaza/contract/posts/v1/posts";
import { CartSchema } from "@plaza/contract/shop/v1/carts";
import { type Member, register, signInDemo } from "../../test/base/accounts.ts";
import { apiClient } from "../../test/base/api-client.ts";
import { createChatFieldValues } from "../../test/base/chat-fixtures.ts";
import { createProduct, placeOrder } from "../../test/base/shop-fixtures.ts";

/** Who sends random requests, and the names of things that exist. */
export type FuzzCallers = {
  /** Whose turn it is, by the number of the request; undefined for nobody. */
  callerOf(turn: number): Member | undefined;
  /** Ids, tokens and names that mean something. */
  readonly knownValues: readonly string[];
  /** Replaces those whose session has ended: random requests end sessions and delete accounts. */
  replaceInvalid(): Promise<void>;
};

/** Makes a member and an admin who call, and others whose things they may find. */
export async function createCallers(url: string): Promise<FuzzCallers> {
  // Takes no part, so that there is always somebody to make an admin.
  const reserve = await signInDemo(url, "admin2");
  const other = await register(url);
  const post = await other.request("POST /v1/posts", { title: "Of another", body: "text" });
  const sessions = (await other.request("GET /v1/auth/sessions")).json() as {
    sessions: { id: string }[];
  };
  const productId = await createProduct(reserve);
  const orderId = await placeOrder(other, productId);
  const chat = await createChatFieldValues(other, await register(url));
  const guest = await apiClient(url)("POST /v1/carts/me/items", { productId, quantity: 1 });
  const page = (await other.request("GET /v1/posts?pageSize=1")).json() as {
    nextPageToken: string;
  };
  const newAdmin = async (): Promise<Member> => {
    const admin = await register(url);
    await reserve.request(`POST /v1/auth/accounts/${admin.id}:grantRole`, { role: "admin" });
    return admin;
  };
  let member = await register(url);
  let admin = await newAdmin();
  const works = async ({ request }: Member) => (await request("GET /v1/users/me")).status === 200;
  return {
    callerOf: (turn) => [undefined, member, admin][turn % 3],
    knownValues: [
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
    async replaceInvalid() {
      if (!(await works(member))) member = await register(url);
      if (!(await works(admin))) admin = await newAdmin();
    },
  };
}
