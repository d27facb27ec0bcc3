import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { ShopService } from "@plaza/contract/shop/v1/shop";
import { UserService } from "@plaza/contract/users/v1/users";
import { nameAccount } from "./account-guard.ts";

const options = { baseUrl: "/", defaultTimeoutMs: 15_000 };

export const transport = createConnectTransport({ ...options, interceptors: [nameAccount] });

export const auth = createClient(AuthService, transport);
export const users = createClient(UserService, transport);
export const posts = createClient(PostService, transport);
export const shop = createClient(ShopService, transport);

const unnamed = createConnectTransport(options);

/** Who is signed in, whoever that is, for who has yet to learn it. */
export const whoever = {
  auth: createClient(AuthService, unnamed),
  users: createClient(UserService, unnamed),
};
