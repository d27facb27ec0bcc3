import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { SignInResponseSchema } from "@plaza/contract/auth/v1/auth";
import { ChatService } from "@plaza/contract/chat/v1/chat";
import { createGrpcTransport } from "@plaza/grpc/transport";
import { apiClient } from "../../test/base/api-client.ts";
import { registerNewAccount } from "../base/retrying-client.ts";
import { sendRequest } from "../kill/client.ts";
import type { RegisteredAccount } from "../kill/history.ts";
import type { ChatUser } from "./client.ts";
import type { ChatUsers } from "./workload.ts";

/** How many people come. */
export type UserCounts = { readonly writers: number; readonly readers: number };

/** Lets people register and become friends of the first; answers them, and what ends their connections. */
export async function setUpUsers(
  url: string,
  { writers, readers }: UserCounts,
): Promise<{ people: ChatUsers; part(): void }> {
  const accounts: RegisteredAccount[] = [];
  // One after the other: auth refuses more passwords at once than it can hash.
  while (accounts.length <= writers + readers) {
    accounts.push(await registerNewAccount({ url: async () => url, send: sendRequest }));
  }
  const [host, ...guests] = accounts;
  if (!host) throw new Error("nobody came");
  const ask = apiClient(url, await signInWithRetry(url, host));
  for (const guest of guests) {
    await ask("POST /v1/friends:request", { userId: guest.id });
    await apiClient(url, await signInWithRetry(url, guest))(
      `POST /v1/friends/${host.id}:confirm`,
      {},
    );
  }
  const known = accounts.map((account) => createChatUser(url, account));
  const [owner, ...others] = known.map(({ person }) => person);
  return {
    people: {
      owner: owner as ChatUser,
      writers: others.slice(0, writers),
      readers: others.slice(writers) as [ChatUser, ...ChatUser[]],
    },
    part() {
      for (const { close } of known) close();
    },
  };
}

/** Signs in, as soon as that can be done: while its database is away, auth says "try again". */
async function signInWithRetry(
  url: string,
  { email, password }: RegisteredAccount,
): Promise<string> {
  for (;;) {
    const login = apiClient(url)("POST /v1/auth:login", { login: email, password });
    const answer = await login.catch(() => undefined);
    if (answer && ![429, 503].includes(answer.status)) {
      return answer.as(SignInResponseSchema).accessToken;
    }
    await sleep(20);
  }
}

function createChatUser(url: string, account: RegisteredAccount) {
  let accessToken: Promise<string> | undefined;
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
  const person: ChatUser = {
    id: account.id,
    async client() {
      accessToken ??= signInWithRetry(url, account);
      const signedIn = accessToken;
      await signedIn.catch(() => {
        if (accessToken === signedIn) accessToken = undefined;
      });
      return client;
    },
    discardToken() {
      accessToken = undefined;
    },
  };
  return { person, close: () => transport.close() };
}
