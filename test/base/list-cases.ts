import { Relation_State as State } from "@plaza/contract/friends/v1/friends";
import { type ForeignRows, foreignText, ownText, prices, sharedWord } from "./foreign-rows.ts";

/** What a method that returns rows returns of them. */
export type ListCase = {
  /** The caller, when it is not the reader. */
  readonly caller?: "admin";
  readonly requests: (rows: ForeignRows) => readonly Record<string, unknown>[];
  /** Ids and texts that occur in the responses. */
  readonly own: (rows: ForeignRows) => readonly string[];
  /** Ids and texts that do not occur in them; or the reason why every row is for this caller. */
  readonly foreign: ((rows: ForeignRows) => readonly string[]) | `everybody may read ${string}`;
};

const oneChat = {
  // The title of the chat has one word, the message both.
  own: () => [ownText, sharedWord],
  foreign: ({ stranger, strangersChatId, leftChatId }: ForeignRows) => [
    foreignText,
    stranger.id,
    strangersChatId,
    leftChatId,
  ],
};
const lateChat = ({ lateChatId }: ForeignRows) => [{ chatId: lateChatId }];
const ownOrder = {
  own: ({ orders, products }: ForeignRows) => [orders.own, products.own],
  foreign: ({ orders, products, stranger }: ForeignRows) => [
    orders.foreign,
    products.foreign,
    stranger.id,
  ],
};
const ownCart = {
  own: ({ products }: ForeignRows) => [products.own],
  foreign: ({ products }: ForeignRows) => [products.foreign],
};

/** Every method that returns rows, but those of services; foreign-rows.test.ts fails for one that is missing. */
export const listCases: Readonly<Record<string, ListCase>> = {
  "plaza.auth.v1.AuthService/GetJwks": {
    requests: () => [{}],
    own: () => ["Ed25519"],
    foreign: () => ['"d"'],
  },
  "plaza.auth.v1.AuthService/ListSessions": {
    requests: () => [{}],
    own: ({ reader }) => [reader.sessionId],
    foreign: ({ stranger }) => [stranger.sessionId],
  },
  "plaza.auth.v1.AuthService/BatchGetAccounts": {
    caller: "admin",
    requests: ({ reader }) => [{ ids: [reader.id] }],
    own: ({ reader }) => [reader.id],
    foreign: ({ stranger }) => [stranger.id],
  },

  "plaza.users.v1.UserService/BatchGetUsers": {
    requests: ({ reader }) => [{ ids: [reader.id] }],
    own: ({ reader }) => [reader.id],
    foreign: ({ stranger }) => [stranger.id],
  },
  "plaza.users.v1.UserService/SearchUsers": {
    requests: ({ reader }) => [{ nickname: reader.nickname }],
    own: ({ reader }) => [reader.id],
    foreign: ({ stranger }) => [stranger.id],
  },
  "plaza.users.v1.UserService/ListUsers": {
    caller: "admin",
    requests: ({ reader }) => [{}, { query: reader.nickname }],
    own: ({ reader, stranger }) => [reader.id, stranger.id],
    foreign: "everybody may read profiles",
  },

  "plaza.posts.v1.PostService/ListPosts": {
    requests: ({ reader }) => [{ authorId: reader.id }],
    own: ({ posts }) => [posts.own],
    foreign: ({ posts }) => [posts.foreign],
  },
  "plaza.posts.v1.PostService/SearchPosts": {
    requests: () => [{ query: sharedWord }],
    own: ({ posts }) => [posts.own, posts.foreign],
    foreign: "everybody may read posts",
  },

  "plaza.shop.v1.ShopService/ListProducts": {
    requests: () => [0, 1, 2, 3].map((order) => ({ order, showRetired: true })),
    own: ({ products }) => [products.own],
    foreign: ({ products }) => [products.retired],
  },
  "plaza.shop.v1.ShopService/SearchProducts": {
    requests: () => [{ query: sharedWord }],
    own: ({ products }) => [products.own],
    foreign: ({ products }) => [products.retired],
  },
  "plaza.shop.v1.ShopService/ListProductPrices": {
    requests: ({ products }) => [{ productId: products.own }],
    own: () => [String(prices.own)],
    foreign: () => [String(prices.foreign)],
  },
  "plaza.shop.v1.ShopService/GetMyCart": { requests: () => [{}], ...ownCart },
  "plaza.shop.v1.ShopService/GetCart": {
    caller: "admin",
    requests: ({ reader }) => [{ userId: reader.id }],
    ...ownCart,
  },
  "plaza.shop.v1.ShopService/GetOrder": {
    requests: ({ orders }) => [{ id: orders.own }],
    ...ownOrder,
  },
  "plaza.shop.v1.ShopService/ListOrders": {
    requests: ({ reader }) => [{}, { userId: reader.id }, { state: 1 }],
    ...ownOrder,
  },

  "plaza.friends.v1.FriendService/ListFriends": {
    requests: () =>
      [State.CONFIRMED, State.INCOMING, State.OUTGOING, State.BLOCKED].map((state) => ({ state })),
    own: ({ friend }) => [friend.id],
    foreign: ({ stranger, third }) => [stranger.id, third.id],
  },
  "plaza.friends.v1.FriendService/BatchGetRelations": {
    requests: ({ friend, stranger, third }) => [{ userIds: [friend.id, stranger.id, third.id] }],
    own: () => ["CONFIRMED"],
    foreign: () => ["BLOCKED", "INCOMING", "OUTGOING"],
  },

  "plaza.chat.v1.ChatService/GetChat": {
    requests: ({ lateChatId }) => [{ id: lateChatId }],
    ...oneChat,
  },
  "plaza.chat.v1.ChatService/ListChats": { requests: () => [{}], ...oneChat },
  "plaza.chat.v1.ChatService/GetMessage": {
    requests: ({ lateChatId: chatId }) => [{ chatId, seq: 4 }],
    ...oneChat,
  },
  "plaza.chat.v1.ChatService/ListMessages": { requests: lateChat, ...oneChat },
  "plaza.chat.v1.ChatService/ListEntries": { requests: lateChat, ...oneChat },
  "plaza.chat.v1.ChatService/SearchMessages": {
    requests: ({ lateChatId: chatId, reader }) => [
      { query: sharedWord },
      { query: sharedWord, chatId },
      { query: chatId },
      { query: reader.id },
    ],
    ...oneChat,
  },
  "plaza.chat.v1.ChatService/Subscribe": {
    requests: () => [{ fromBeginning: true }],
    ...oneChat,
  },
};
