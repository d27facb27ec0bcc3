import { createClient } from "@connectrpc/connect";
import { ChatService } from "@plaza/contract/chat/v1/chat";
import { createGrpcTransport } from "@plaza/grpc/transport";
import { createClientHistory } from "../base/client-history.ts";
import { type RegisteredAccount, registerNewAccounts } from "../base/registration.ts";
import { createRetryingClient } from "../base/retrying-client.ts";
import { signInUntilAnswered } from "../base/sign-in.ts";
import { type SystemUnderTest, sendRequest } from "../base/system-under-test.ts";
import type { ChatUser } from "./client.ts";

export type UserCounts = { readonly writers: number; readonly readers: number };

/** Owner of all chats, writers and readers; the last two are friends of the owner. */
export type ChatUsers = {
  readonly owner: ChatUser;
  readonly writers: readonly ChatUser[];
  readonly readers: readonly [ChatUser, ...ChatUser[]];
};

/** Registers the users and befriends them with the owner. The cleanup closes their connections. */
export async function setUpUsers(
  cleanup: AsyncDisposableStack,
  target: SystemUnderTest,
  { writers, readers }: UserCounts,
): Promise<ChatUsers> {
  const accounts = await registerNewAccounts(target, writers + readers + 1);
  const [ownerAccount, ...guests] = accounts as [RegisteredAccount, ...RegisteredAccount[]];
  const history = createClientHistory();
  const direct = { ...target, send: sendRequest };
  const asOwner = createRetryingClient(direct, ownerAccount, history);
  for (const guest of guests) {
    const asGuest = createRetryingClient(direct, guest, history);
    await asOwner("POST /v1/friends:request", { userId: guest.id });
    await asGuest(`POST /v1/friends/${ownerAccount.id}:confirm`, {});
  }
  const url = await target.url();
  const [owner, ...others] = accounts.map((account) => {
    const { user, close } = createChatUser(url, account, target.signal);
    cleanup.defer(close);
    return user;
  });
  return {
    owner: owner as ChatUser,
    writers: others.slice(0, writers),
    readers: others.slice(writers) as [ChatUser, ...ChatUser[]],
  };
}

function createChatUser(url: string, account: RegisteredAccount, signal: AbortSignal) {
  let accessToken: Promise<string> | undefined = Promise.resolve(account.accessToken);
  const transport = createGrpcTransport({
    address: url,
    interceptors: [
      (next) => async (call) => {
        call.header.set("authorization", `Bearer ${await accessToken}`);
        return next(call);
      },
    ],
  });
  const client = createClient(ChatService, transport);
  const user: ChatUser = {
    id: account.id,
    signal,
    async client() {
      accessToken ??= signInUntilAnswered(url, account, signal);
      const signingIn = accessToken;
      await signingIn.catch(() => {
        if (accessToken === signingIn) accessToken = undefined;
      });
      return client;
    },
    discardToken() {
      accessToken = undefined;
    },
  };
  return { user, close: () => transport.close() };
}
