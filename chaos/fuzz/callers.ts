import { PostSchema } from "@plaza/contract/posts/v1/posts";
import { CartSchema } from "@plaza/contract/shop/v1/carts";
import { type Member, register, signInDemo } from "../../test/base/accounts.ts";
import { apiClient } from "../../test/base/api-client.ts";
import { createChatFieldValues } from "../../test/base/chat-fixtures.ts";
import { createProduct, placeOrder } from "../../test/base/shop-fixtures.ts";

/** The users that send random requests, and values that name existing resources. */
export type FuzzCallers = {
  /** The caller of the request with this number; undefined for an anonymous one. */
  callerOf(turn: number): Member | undefined;
  /** Ids, tokens and names of existing users and resources. */
  readonly knownValues: readonly string[];
  /** Replaces callers whose session has ended: random requests end sessions and delete accounts. */
  replaceInvalid(): Promise<void>;
};

/** Registers a member and an admin who call, and others who own the resources. */
export async function createCallers(url: string): Promise<FuzzCallers> {
  // Sends no random request, so that there is always an admin who can make others admins.
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
  const isSignedIn = async ({ request }: Member) =>
    (await request("GET /v1/users/me")).status === 200;
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
      if (!(await isSignedIn(member))) member = await register(url);
      if (!(await isSignedIn(admin))) admin = await newAdmin();
    },
  };
}
