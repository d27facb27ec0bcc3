import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { SignInResponseSchema } from "@plaza/contract/auth/v1/auth";
import { PostSchema } from "@plaza/contract/posts/v1/posts";
import { newNickname, signIn } from "../../test/base/accounts.ts";
import { type ApiResponse, apiClient } from "../../test/base/api-client.ts";
import type { SeededRandom } from "../base/seeded-random.ts";
import type { KillHistory, PostWrite, RegisteredAccount } from "./history.ts";

/** The Plaza that is written to, which comes and goes. */
export type SystemUnderTest = {
  /** Waits until it is up, and answers where. */
  url(): Promise<string>;
  /** Sends one request; rejects when there is no answer. Planted faults take its place. */
  readonly send: SendRequest;
};

export type SendRequest = (
  url: string,
  accessToken: string | undefined,
  line: string,
  body?: unknown,
) => Promise<ApiResponse>;

type LivePost = { readonly key: string; readonly id: string };

/** Between two attempts at the same write. */
const retryDelayMs = 20;

/** Sends a request as it is, from any address: limits on guesses are not what is tested here. */
export const sendRequest: SendRequest = (url, accessToken, line, body) => {
  const address = [10, 1, 1, 1].map((one) => one * Math.ceil(Math.random() * 25)).join(".");
  return apiClient(url, accessToken)(line, body, { "x-forwarded-for": address });
};

/** Writes by one account, one write after the other, until `isOver`; the history holds every outcome. */
export async function runWriter(
  target: SystemUnderTest,
  author: RegisteredAccount,
  history: KillHistory,
  random: SeededRandom,
  isOver: () => boolean,
): Promise<void> {
  const posts: LivePost[] = [];
  let accessToken: string | undefined;

  /** Repeats a request until it is answered: what its first answer would have been stays the same. */
  async function settle(line: string, body?: unknown): Promise<ApiResponse & { isRetry: boolean }> {
    for (let isRetry = false; ; isRetry = true) {
      const url = await target.url();
      try {
        accessToken ??= (await signIn(url, author.email, author.password)).accessToken;
        const answer = await target.send(url, accessToken, line, body);
        if (answer.status < 500 && answer.status !== 401) return { ...answer, isRetry };
        if (answer.status === 500) history.unexpectedErrors.push(`${line}: ${answer.text}`);
        if (answer.status === 401) accessToken = undefined;
      } catch {
        // No answer: what came of it is unknown.
      }
      if (!isRetry) history.indeterminate += 1;
      await sleep(retryDelayMs);
    }
  }
  function record(
    write: Omit<PostWrite, "isAcknowledged">,
    answer: ApiResponse,
    isAcknowledged: boolean,
  ): void {
    history.writes.push({ ...write, isAcknowledged });
    if (!isAcknowledged)
      history.unexpectedErrors.push(`${write.kind}: ${answer.status} ${answer.text}`);
  }

  const actions = {
    async create() {
      const [key, title] = [randomUUID(), randomUUID()];
      const post = { title, body: key, idempotencyKey: key };
      const answer = await settle("POST /v1/posts", post);
      const isDone = answer.status === 200;
      record({ kind: "create", idempotencyKey: key, title }, answer, isDone);
      if (isDone) posts.push({ key, id: answer.as(PostSchema).id });
    },
    async update() {
      const { key, id } = posts[random.nextInt(posts.length)] ?? {};
      if (!key) return actions.create();
      const title = randomUUID();
      const answer = await settle(`PATCH /v1/posts/${id}`, { title });
      record({ kind: "update", idempotencyKey: key, title }, answer, answer.status === 200);
    },
    async delete() {
      const [post] = posts.splice(random.nextInt(posts.length), 1);
      if (!post) return actions.create();
      const answer = await settle(`DELETE /v1/posts/${post.id}`);
      const isGone = answer.status === 200 || (answer.isRetry && answer.status === 404);
      record({ kind: "delete", idempotencyKey: post.key, title: "" }, answer, isGone);
    },
    async register() {
      const nickname = newNickname();
      const account = { email: `${nickname}@example.org`, password: randomUUID(), nickname };
      const registered = await registerUntilAnswered(target, account, history);
      if (registered) history.registrations.push(registered);
    },
  };

  while (!isOver()) {
    const { create, update, delete: remove, register: join } = actions;
    await random.pick([create, create, create, create, update, update, remove, join])();
  }
}

/** Registers somebody; undefined when that was refused. */
export async function registerUntilAnswered(
  target: SystemUnderTest,
  account: { email: string; password: string; nickname: string },
  history: KillHistory,
): Promise<RegisteredAccount | undefined> {
  const { email, password } = account;
  for (let isRetry = false; ; isRetry = true) {
    const url = await target.url();
    try {
      const answer = await target.send(url, undefined, "POST /v1/auth:register", account);
      if (answer.status === 200) {
        return { id: answer.as(SignInResponseSchema).user?.id ?? "", email, password };
      }
      // Done before, and only the answer was lost: then the password works.
      if (isRetry && answer.text.includes("EMAIL_TAKEN")) {
        return { id: (await signIn(url, email, password)).id, email, password };
      }
      if (answer.status === 500 || (answer.status < 500 && !isRegistrationInProgress(answer))) {
        history.unexpectedErrors.push(`register: ${answer.status} ${answer.text}`);
        return undefined;
      }
      // Whoever was killed while registering keeps the e-mail address for half a minute.
      if (isRegistrationInProgress(answer)) await sleep(1_000);
    } catch {
      // No answer: what came of it is unknown.
    }
    if (!isRetry) history.indeterminate += 1;
    await sleep(retryDelayMs);
  }
}

function isRegistrationInProgress({ text }: ApiResponse): boolean {
  return text.includes("REGISTRATION_IN_PROGRESS");
}
