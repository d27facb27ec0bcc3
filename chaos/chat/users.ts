import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { SignInResponseSchema } from "@plaza/contract/auth/v1/auth";
import { ChatService } from "@plaza/contract/chat/v1/chat";
import { createGrpcTransport } from "@plaza/grpc/transport";
import { rest } from "../../test/base/api-client.ts";
import { newcomer } from "../base/retrying-client.ts";
import { plainSend } from "../kill/client.ts";
import type { Registration } from "../kill/history.ts";
import type { Person } from "./client.ts";
import type { People } from "./workload.ts";

/** How many people come. */
export type Crowd = { readonly writers: number; readonly readers: number };

/** Lets people register and become friends of the first; answers them, and what ends their connections. */
export async function gather(
  url: string,
  { writers, readers }: Crowd,
): Promise<{ people: People; part(): void }> {
  const accounts: Registration[] = [];
  // One after the other: auth refuses more passwords at once than it can hash.
  while (accounts.length <= writers + readers) {
    accounts.push(await newcomer({ url: async () => url, send: plainSend }));
  }
  const [host, ...guests] = accounts;
  if (!host) throw new Error("nobody came");
  const ask = rest(url, await tokenOf(url, host));
  for (const guest of guests) {
    await ask("POST /v1/friends:request", { userId: guest.id });
    await rest(url, await tokenOf(url, guest))(`POST /v1/friends/${host.id}:confirm`, {});
  }
  const known = accounts.map((account) => personOf(url, account));
  const [owner, ...others] = known.map(({ person }) => person);
  return {
    people: {
      owner: owner as Person,
      writers: others.slice(0, writers),
      readers: others.slice(writers) as [Person, ...Person[]],
    },
    part() {
      for (const { close } of known) close();
    },
  };
}

/** Signs in, as soon as that can be done: while its database is away, auth says "try again". */
async function tokenOf(url: string, { email, password }: Registration): Promise<string> {
  for (;;) {
    const login = rest(url)("POST /v1/auth:login", { login: email, password });
    const answer = await login.catch(() => undefined);
    if (answer && ![429, 503].includes(answer.status)) {
      return answer.as(SignInResponseSchema).accessToken;
    }
    await sleep(20);
  }
}

function personOf(url: string, account: Registration) {
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
  const person: Person = {
    id: account.id,
    async chats() {
      accessToken ??= tokenOf(url, account);
      const signedIn = accessToken;
      await signedIn.catch(() => {
        if (accessToken === signedIn) accessToken = undefined;
      });
      return client;
    },
    signOut() {
      accessToken = undefined;
    },
  };
  return { person, close: () => transport.close() };
}
