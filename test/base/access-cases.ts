import { randomUUID } from "node:crypto";
import { Role } from "@plaza/contract/chat/v1/chats";
import { newNickname } from "./accounts.ts";
import { type AccessScenario, orderIdempotencyKey } from "./fixtures.ts";
import { productFields } from "./shop-fixtures.ts";

/** How to call a method so that nothing but the caller's rights decides the result. */
export type AccessCase = {
  /** A valid request about the owner or what belongs to the owner. */
  readonly request: (scenario: AccessScenario) => Record<string, unknown>;
  /** Beyond the contract's policy: the owner and admins only, or the owner, to all others hidden. */
  readonly rule?: "owner or admin" | "owner";
  /**
   * What a successful call ends or deletes, so that the next call needs another: a refresh token or a session of the
   * owner, the account of an owner who has nothing else, a post, or the owner's membership of a chat.
   */
  readonly consumes?: "refresh token" | "session" | "account" | "post" | "membership";
};

const ownerId = ({ owner }: AccessScenario) => ({ id: owner.id });
const aboutMessage = ({ chatId, messageSeqs: [seq] }: AccessScenario) => ({ chatId, seq });
const randomUserId = () => ({ userId: randomUUID() });
const newProfile = () => ({
  id: randomUUID(),
  nickname: newNickname(),
  email: `${newNickname()}@example.org`,
});

/** Every method of every contract; access-matrix.test.ts fails for a method that is missing. */
export const accessCases: Readonly<Record<string, AccessCase>> = {
  "plaza.auth.v1.AuthService/Register": {
    request: () => {
      const { nickname, email } = newProfile();
      return { nickname, email, password: randomUUID() };
    },
  },
  "plaza.auth.v1.AuthService/Login": {
    request: ({ owner }) => ({ login: owner.nickname, password: owner.password }),
  },
  "plaza.auth.v1.AuthService/Refresh": {
    request: ({ owner }) => ({ refreshToken: owner.refreshToken }),
    consumes: "refresh token",
  },
  "plaza.auth.v1.AuthService/Logout": {
    request: ({ owner }) => ({ refreshToken: owner.refreshToken }),
    consumes: "session",
  },
  "plaza.auth.v1.AuthService/ChangePassword": {
    request: ({ caller }) => {
      const password = caller?.password ?? "no caller's";
      return { currentPassword: password, newPassword: password };
    },
  },
  "plaza.auth.v1.AuthService/Introspect": {
    request: ({ owner }) => ({ token: owner.accessToken }),
  },
  "plaza.auth.v1.AuthService/GetJwks": { request: () => ({}) },
  "plaza.auth.v1.AuthService/ListSessions": { request: () => ({}) },
  "plaza.auth.v1.AuthService/DeleteSession": {
    request: ({ owner }) => ({ id: owner.sessionId }),
    rule: "owner",
    consumes: "session",
  },
  "plaza.auth.v1.AuthService/GetAccount": { request: ownerId, rule: "owner or admin" },
  "plaza.auth.v1.AuthService/GetCurrentAccount": { request: () => ({}) },
  "plaza.auth.v1.AuthService/BatchGetAccounts": {
    request: ({ owner, other }) => ({ ids: [owner.id, other.id] }),
  },
  "plaza.auth.v1.AuthService/GrantRole": {
    request: ({ owner }) => ({ id: owner.id, role: "admin" }),
    consumes: "account",
  },
  "plaza.auth.v1.AuthService/RevokeRole": {
    request: ({ owner }) => ({ id: owner.id, role: "admin" }),
  },
  "plaza.auth.v1.AuthService/DeactivateAccount": { request: ownerId, consumes: "account" },
  "plaza.auth.v1.AuthService/ReactivateAccount": { request: ownerId },
  "plaza.auth.v1.AuthService/ResolveSession": {
    request: ({ owner }) => ({ credential: owner.accessToken }),
  },
  "plaza.auth.v1.AuthService/FilterLiveSessions": {
    request: ({ owner }) => ({ ids: [owner.sessionId] }),
  },
  "plaza.auth.v1.AuthService/FilterActiveAccounts": {
    request: ({ owner }) => ({ ids: [owner.id] }),
  },
  "plaza.auth.v1.AuthService/CloseAccount": { request: ownerId, consumes: "account" },

  "plaza.users.v1.UserService/GetUser": { request: ownerId },
  "plaza.users.v1.UserService/BatchGetUsers": {
    request: ({ owner, other }) => ({ ids: [owner.id, other.id] }),
  },
  "plaza.users.v1.UserService/SearchUsers": {
    request: ({ owner }) => ({ nickname: owner.nickname }),
  },
  "plaza.users.v1.UserService/ListUsers": { request: () => ({}) },
  "plaza.users.v1.UserService/UpdateUser": {
    request: ({ owner }) => ({
      user: { id: owner.id, about: "Changed" },
      updateMask: { paths: ["about"] },
    }),
    rule: "owner or admin",
  },
  "plaza.users.v1.UserService/DeleteUser": {
    request: ownerId,
    rule: "owner or admin",
    consumes: "account",
  },
  "plaza.users.v1.UserService/CreateUser": { request: newProfile },
  "plaza.users.v1.UserService/FindUserByNickname": {
    request: ({ owner }) => ({ nickname: owner.nickname }),
  },
  "plaza.users.v1.UserService/DiscardUser": { request: ownerId, consumes: "account" },

  "plaza.posts.v1.PostService/CreatePost": { request: () => ({ title: "A post", body: "text" }) },
  "plaza.posts.v1.PostService/GetPost": { request: ({ postId }) => ({ id: postId }) },
  "plaza.posts.v1.PostService/GetPostAuthor": { request: ({ postId }) => ({ id: postId }) },
  "plaza.posts.v1.PostService/ListPosts": { request: () => ({}) },
  "plaza.posts.v1.PostService/SearchPosts": { request: () => ({ query: "text" }) },
  "plaza.posts.v1.PostService/UpdatePost": {
    request: ({ postId }) => ({
      post: { id: postId, title: "Changed" },
      updateMask: { paths: ["title"] },
    }),
    rule: "owner or admin",
  },
  "plaza.posts.v1.PostService/DeletePost": {
    request: ({ postId }) => ({ id: postId }),
    rule: "owner or admin",
    consumes: "post",
  },

  "plaza.shop.v1.ShopService/CreateProduct": {
    request: () => ({ ...productFields, priceMinor: 250n }),
  },
  "plaza.shop.v1.ShopService/GetProduct": { request: ({ productId }) => ({ id: productId }) },
  "plaza.shop.v1.ShopService/ListProducts": { request: () => ({}) },
  "plaza.shop.v1.ShopService/SearchProducts": { request: () => ({ query: "mug" }) },
  "plaza.shop.v1.ShopService/ListProductPrices": { request: ({ productId }) => ({ productId }) },
  "plaza.shop.v1.ShopService/UpdateProduct": {
    request: ({ productId }) => ({
      product: { id: productId, name: "Changed" },
      updateMask: { paths: ["name"] },
    }),
  },
  "plaza.shop.v1.ShopService/RestockProduct": {
    request: ({ productId }) => ({ id: productId, quantity: 1 }),
  },
  "plaza.shop.v1.ShopService/RetireProduct": {
    request: ({ retirableProductId }) => ({ id: retirableProductId }),
  },
  "plaza.shop.v1.ShopService/GetMyCart": { request: () => ({}) },
  "plaza.shop.v1.ShopService/GetCart": { request: ({ owner }) => ({ userId: owner.id }) },
  "plaza.shop.v1.ShopService/AddCartItem": {
    request: ({ productId }) => ({ productId, quantity: 1 }),
  },
  "plaza.shop.v1.ShopService/SetCartItem": {
    request: ({ productId }) => ({ productId, quantity: 2 }),
  },
  "plaza.shop.v1.ShopService/RemoveCartItem": { request: ({ productId }) => ({ productId }) },
  "plaza.shop.v1.ShopService/ClearCart": { request: () => ({}) },
  "plaza.shop.v1.ShopService/MergeCart": { request: () => ({}) },
  "plaza.shop.v1.ShopService/CheckOut": {
    request: () => ({ idempotencyKey: orderIdempotencyKey }),
  },
  "plaza.shop.v1.ShopService/GetOrder": {
    request: ({ orderId }) => ({ id: orderId }),
    rule: "owner or admin",
  },
  "plaza.shop.v1.ShopService/ListOrders": {
    request: ({ owner }) => ({ userId: owner.id }),
    rule: "owner or admin",
  },
  "plaza.shop.v1.ShopService/CancelOrder": {
    request: ({ pendingOrderId }) => ({ id: pendingOrderId }),
    rule: "owner or admin",
  },
  // Transitions that this order has made: each succeeds when repeated.
  "plaza.shop.v1.ShopService/ConfirmPayment": { request: ({ orderId }) => ({ id: orderId }) },
  "plaza.shop.v1.ShopService/ShipOrder": { request: ({ orderId }) => ({ id: orderId }) },
  "plaza.shop.v1.ShopService/DeliverOrder": { request: ({ orderId }) => ({ id: orderId }) },
  "plaza.shop.v1.ShopService/RefundOrder": { request: ({ orderId }) => ({ id: orderId }) },

  // Every test user is a friend of the friend: requesting and confirming succeed when repeated.
  "plaza.friends.v1.FriendService/RequestFriendship": {
    request: ({ friend }) => ({ userId: friend.id }),
  },
  "plaza.friends.v1.FriendService/ConfirmFriendship": {
    request: ({ friend }) => ({ userId: friend.id }),
  },
  "plaza.friends.v1.FriendService/DeclineFriendship": { request: randomUserId },
  "plaza.friends.v1.FriendService/WithdrawFriendship": { request: randomUserId },
  "plaza.friends.v1.FriendService/RemoveFriend": { request: randomUserId },
  "plaza.friends.v1.FriendService/BlockUser": { request: randomUserId },
  "plaza.friends.v1.FriendService/UnblockUser": { request: randomUserId },
  "plaza.friends.v1.FriendService/ListFriends": { request: () => ({}) },
  "plaza.friends.v1.FriendService/BatchGetRelations": {
    request: ({ owner }) => ({ userIds: [owner.id] }),
  },
  "plaza.friends.v1.FriendService/BatchGetPairs": {
    request: ({ owner, other }) => ({ pairs: [{ userId: owner.id, otherId: other.id }] }),
  },

  "plaza.chat.v1.ChatService/CreateChat": { request: ({ friend }) => ({ userId: friend.id }) },
  "plaza.chat.v1.ChatService/GetChat": { request: ({ chatId }) => ({ id: chatId }), rule: "owner" },
  "plaza.chat.v1.ChatService/ListChats": { request: () => ({}) },
  "plaza.chat.v1.ChatService/UpdateChat": {
    request: ({ chatId }) => ({
      chat: { id: chatId, title: "Changed" },
      updateMask: { paths: ["title"] },
    }),
    rule: "owner",
  },
  "plaza.chat.v1.ChatService/AddMembers": {
    request: ({ chatId, friend }) => ({ chatId, userIds: [friend.id] }),
    rule: "owner",
  },
  "plaza.chat.v1.ChatService/RemoveMember": {
    request: ({ chatId }) => ({ chatId, ...randomUserId() }),
    rule: "owner",
  },
  "plaza.chat.v1.ChatService/SetMemberRole": {
    request: ({ chatId, friend }) => ({ chatId, userId: friend.id, role: Role.MODERATOR }),
    rule: "owner",
  },
  "plaza.chat.v1.ChatService/LeaveChat": {
    request: ({ chatId }) => ({ chatId }),
    rule: "owner",
    consumes: "membership",
  },
  "plaza.chat.v1.ChatService/MarkRead": {
    request: ({ chatId }) => ({ chatId, number: 1 }),
    rule: "owner",
  },
  "plaza.chat.v1.ChatService/SendTyping": {
    request: ({ chatId }) => ({ chatId }),
    rule: "owner",
  },
  "plaza.chat.v1.ChatService/SendMessage": {
    request: ({ chatId }) => ({ chatId, text: "Hello.", idempotencyKey: randomUUID() }),
    rule: "owner",
  },
  "plaza.chat.v1.ChatService/GetMessage": { request: aboutMessage, rule: "owner" },
  "plaza.chat.v1.ChatService/ListMessages": {
    request: ({ chatId }) => ({ chatId }),
    rule: "owner",
  },
  "plaza.chat.v1.ChatService/EditMessage": {
    request: (scenario) => ({ ...aboutMessage(scenario), text: "Changed." }),
    rule: "owner",
  },
  // Deleting succeeds when repeated; no other case uses this message.
  "plaza.chat.v1.ChatService/DeleteMessage": {
    request: ({ chatId, messageSeqs: [, seq] }) => ({ chatId, seq }),
    rule: "owner",
  },
  "plaza.chat.v1.ChatService/ReactToMessage": {
    request: (scenario) => ({ ...aboutMessage(scenario), emoji: "👍" }),
    rule: "owner",
  },
  "plaza.chat.v1.ChatService/SearchMessages": { request: () => ({ query: "hello" }) },
  "plaza.chat.v1.ChatService/ListEntries": {
    request: ({ chatId }) => ({ chatId }),
    rule: "owner",
  },
  "plaza.chat.v1.ChatService/Subscribe": { request: () => ({}) },

  "plaza.kit.v1.EventService/ReadEvents": { request: () => ({ source: "users", limit: 1 }) },
};
