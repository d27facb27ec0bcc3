import { createClient } from "@connectrpc/connect";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { ShopService } from "@plaza/contract/shop/v1/shop";
import { UserService } from "@plaza/contract/users/v1/users";
import { transport, unguardedTransport } from "./transport.ts";

export const auth = createClient(AuthService, transport);
export const users = createClient(UserService, transport);
export const posts = createClient(PostService, transport);
export const shop = createClient(ShopService, transport);

export const unguardedAuth = createClient(AuthService, unguardedTransport);
export const unguardedUsers = createClient(UserService, unguardedTransport);
