import { randomUUID } from "node:crypto";
import { PostSchema } from "@plaza/contract/posts/v1/posts";
import type { ApiResponse } from "../../test/base/api-client.ts";
import { newAccount, type RegisteredAccount, registerUntilAnswered } from "../base/registration.ts";
import { createRetryingClient } from "../base/retrying-client.ts";
import type { SeededRandom } from "../base/seeded-random.ts";
import type { SystemUnderTest } from "../base/system-under-test.ts";
import type { KillHistory, PostWrite } from "./history.ts";

type LivePost = { readonly key: string; readonly id: string };

/** Writes as one account, one write after the other, until `isOver`; the history gets every outcome. */
export async function runWriter(
  target: SystemUnderTest,
  author: RegisteredAccount,
  history: KillHistory,
  random: SeededRandom,
  isOver: () => boolean,
): Promise<void> {
  const posts: LivePost[] = [];
  const client = createRetryingClient(target, author, history);

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
      const answer = await client("POST /v1/posts", post);
      const isCreated = answer.status === 200;
      record({ kind: "create", idempotencyKey: key, title }, answer, isCreated);
      if (isCreated) posts.push({ key, id: answer.as(PostSchema).id });
    },
    async update() {
      const { key, id } = posts[random.nextInt(posts.length)] ?? {};
      if (!key) return actions.create();
      const title = randomUUID();
      const answer = await client(`PATCH /v1/posts/${id}`, { title });
      record({ kind: "update", idempotencyKey: key, title }, answer, answer.status === 200);
    },
    async delete() {
      const [post] = posts.splice(random.nextInt(posts.length), 1);
      if (!post) return actions.create();
      const answer = await client(`DELETE /v1/posts/${post.id}`);
      const isDeleted = answer.status === 200 || (answer.wasRetried && answer.status === 404);
      record({ kind: "delete", idempotencyKey: post.key, title: "" }, answer, isDeleted);
    },
    async register() {
      const registered = await registerUntilAnswered(target, newAccount(), history);
      if (registered) history.registrations.push(registered);
    },
  };

  while (!isOver()) {
    const { create, update, delete: remove, register } = actions;
    await random.pick([create, create, create, create, update, update, remove, register])();
  }
}
