import { type Member, register, signIn } from "./accounts.ts";
import { befriend, createGroupFieldValues } from "./chat-fixtures.ts";
import { once } from "./once.ts";
import type { OpenApiOperation } from "./openapi-document.ts";
import { createProduct, createShopResource } from "./shop-fixtures.ts";

/** A user and what a call of theirs refers to. */
export type CallSubject = {
  readonly owner: Member;
  /** What the path names: a user, post, product, order or session. */
  readonly id: string;
  readonly productId: string;
  /** Other existing values, by the names of fields. */
  readonly fieldValues?: Readonly<Record<string, unknown>>;
};

export type SubjectFactory = {
  /** A subject that one call of the operation may consume. */
  create(operation: OpenApiOperation): Promise<CallSubject>;
  /** A subject for any number of calls that Plaza refuses. */
  createUnconsumed(operation: OpenApiOperation): Promise<CallSubject>;
};

/** Operations after which the caller's account or session is another, or ended. */
const consumesAccount = new Set([
  "AuthService_Refresh",
  "AuthService_Logout",
  "AuthService_ChangePassword",
  "AuthService_GrantRole",
  "AuthService_RevokeRole",
  "AuthService_DeactivateAccount",
  "AuthService_ReactivateAccount",
  "UserService_UpdateUser",
  "UserService_DeleteUser",
]);

/**
 * Creates users and resources over REST. Operations share what they do not consume, as each registration costs a
 * hash of the password: one user, one product, one pair of friends; carts and orders have a user for each operation.
 */
export function createSubjectFactory(url: string, admin: Member): SubjectFactory {
  const sharedUser = once(() => register(url));
  const sharedProduct = once(() => createProduct(admin));
  const friends = once(async () => {
    const [owner, friend] = [await register(url), await register(url)];
    await befriend(owner, friend);
    return { owner, friend };
  });
  const nextPair = createPairs(() => register(url));
  const buyers = new Map<string, Promise<Member>>();
  const unconsumed = new Map<string, Promise<CallSubject>>();

  async function createShopSubject(name: string): Promise<CallSubject> {
    const buyer = buyers.get(name) ?? register(url);
    buyers.set(name, buyer);
    const [owner, productId] = [await buyer, await createProduct(admin)];
    return { owner, productId, id: await createShopResource(name, owner, admin, productId) };
  }

  async function create({ path, name }: OpenApiOperation): Promise<CallSubject> {
    if (name.startsWith("ShopService_")) return createShopSubject(name);
    const productId = await sharedProduct();
    if (name.startsWith("FriendService_")) {
      const [owner, friend] = await nextPair();
      await friend.request("POST /v1/friends:request", { userId: owner.id });
      return { owner, productId, id: friend.id };
    }
    if (name.startsWith("ChatService_")) {
      const { owner, friend } = await friends();
      const fieldValues = await createGroupFieldValues(owner, friend);
      return { owner, productId, id: owner.id, fieldValues };
    }
    const owner = await (consumesAccount.has(name) ? register(url) : sharedUser());
    if (path.startsWith("/v1/posts")) {
      const post = await owner.request("POST /v1/posts", { title: "A post", body: "text" });
      return { owner, productId, id: (post.json() as { id: string }).id };
    }
    if (path.startsWith("/v1/auth/sessions/")) {
      const other = await signIn(url, owner.email, owner.password);
      return { owner, productId, id: await currentSessionId(other) };
    }
    return { owner, productId, id: owner.id };
  }

  return {
    create,
    createUnconsumed(operation) {
      const subject = unconsumed.get(operation.name) ?? create(operation);
      unconsumed.set(operation.name, subject);
      return subject;
    },
  };
}

async function currentSessionId({ request }: Member): Promise<string> {
  const { sessions } = (await request("GET /v1/auth/sessions")).json() as {
    sessions: { id: string; current?: boolean }[];
  };
  return sessions.find(({ current }) => current)?.id ?? "";
}

/** Returns a pair of users that it has not returned before: from n users there are n × (n - 1) / 2. */
function createPairs(createUser: () => Promise<Member>): () => Promise<[Member, Member]> {
  const users: Promise<Member>[] = [createUser()];
  let [one, other] = [0, 0];
  return async () => {
    if (one === other) {
      users.push(createUser());
      [one, other] = [0, other + 1];
    }
    const pair = [users[one], users[other]] as [Promise<Member>, Promise<Member>];
    one += 1;
    return Promise.all(pair);
  };
}
