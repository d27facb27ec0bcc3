import { readdirSync, readFileSync } from "node:fs";
import { UserService } from "@plaza/contract/users/v1/users";
import { findUserIds } from "@plaza/kit/clients/users";
import type { Deps } from "@plaza/kit/runtime/service";
import { createPosts } from "./create-posts.ts";
import { newPost, type PostDraft } from "./domain.ts";
import * as store from "./store.ts";

const demoFolder = new URL("./demo/", import.meta.url);
const demoIntervalMs = 9 * 60 * 60 * 1000;

type DemoPost = {
  readonly file: string;
  readonly nickname: string;
  readonly title: string;
  readonly body: string;
};

/** Creates the posts of the folder `demo`, unless there are posts. */
export async function seed({ db, client, now, newId }: Deps): Promise<void> {
  if (await store.hasPosts(db)) return;
  const demoPosts = readDemoPosts();
  const nicknames = demoPosts.map(({ nickname }) => nickname);
  const authorIds = await findUserIds(client(UserService), nicknames);
  const drafts: PostDraft[] = [];
  for (const [index, { file, nickname, ...text }] of demoPosts.entries()) {
    const authorId = authorIds.get(nickname);
    const at = new Date(now().getTime() - (demoPosts.length - index) * demoIntervalMs);
    // The key keeps two processes that seed at the same time from creating it twice.
    const key = { idempotencyKey: `demo ${file}`, requestDigest: file };
    if (authorId) drafts.push({ post: newPost(newId(), authorId, text, at), ...key });
  }
  await db.begin((tx) => createPosts(tx, drafts));
}

/** Files are named `<order>-<author>-<subject>.md`; the first line is the title. */
function readDemoPosts(): DemoPost[] {
  return readdirSync(demoFolder)
    .sort()
    .map((file) => {
      const [, nickname = ""] = file.split("-");
      const [heading = "", ...lines] = readFileSync(new URL(file, demoFolder), "utf8").split("\n");
      const title = heading.replace(/^# /, "");
      return { file, nickname, title, body: lines.join("\n").trim() };
    });
}
