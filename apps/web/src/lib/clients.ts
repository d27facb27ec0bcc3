import type { AuthService } from "@plaza/contract/auth/v1/auth";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import type { FriendService } from "@plaza/contract/friends/v1/friends";
import type { PostService } from "@plaza/contract/posts/v1/posts";
import type { ShopService } from "@plaza/contract/shop/v1/shop";
import type { UserService } from "@plaza/contract/users/v1/users";
import { createLazyClient } from "./lazy-client.ts";

// Contracts, encoding and protocol are a quarter of the code of a first page, which makes no call for a visitor.
const loadBaseClients = () => import("./base-clients.ts");
const loadMemberClients = () => import("./member-clients.ts");

/** Loads what calls need, before the first one. What fails here fails again at that call, and is said there. */
export function loadClients(): void {
  void loadBaseClients().catch(() => undefined);
}

/** Loads what calls need when the reader does something, of which the first call may come. */
export function loadClientsOnUse(): void {
  for (const type of ["pointermove", "pointerdown", "keydown", "scroll"]) {
    window.addEventListener(type, loadClients, { once: true, passive: true });
  }
}

export const auth = createLazyClient<typeof AuthService>(
  async () => (await loadBaseClients()).auth,
);
export const users = createLazyClient<typeof UserService>(
  async () => (await loadBaseClients()).users,
);
export const posts = createLazyClient<typeof PostService>(
  async () => (await loadBaseClients()).posts,
);
export const shop = createLazyClient<typeof ShopService>(
  async () => (await loadBaseClients()).shop,
);

export const friends = createLazyClient<typeof FriendService>(
  async () => (await loadMemberClients()).friends,
);
/** Without the stream, which is only opened where member-clients.ts is loaded. */
export const chats = createLazyClient<typeof ChatService>(
  async () => (await loadMemberClients()).chats,
);

/** Clients without the account guard, to find out who is signed in. */
export const unguardedClients = {
  auth: createLazyClient<typeof AuthService>(async () => (await loadBaseClients()).unguardedAuth),
  users: createLazyClient<typeof UserService>(async () => (await loadBaseClients()).unguardedUsers),
};
