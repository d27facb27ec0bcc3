import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { ShopService } from "@plaza/contract/shop/v1/shop";
import { UserService } from "@plaza/contract/users/v1/users";
import { accountInterceptor } from "./account-guard.ts";

const transportOptions = { baseUrl: "/", defaultTimeoutMs: 15_000 };

export const transport = createConnectTransport({
  ...transportOptions,
  interceptors: [accountInterceptor],
});

export const auth = createClient(AuthService, transport);
export const users = createClient(UserService, transport);
export const posts = createClient(PostService, transport);
export const shop = createClient(ShopService, transport);

const unguardedTransport = createConnectTransport(transportOptions);

/** Clients without the account guard, to find out who is signed in. */
export const unguardedClients = {
  auth: createClient(AuthService, unguardedTransport),
  users: createClient(UserService, unguardedTransport),
};
