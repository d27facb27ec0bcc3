import { randomUUIDv7 } from "node:crypto";
import { toConnectionUrl } from "@plaza/kit/db/connection-config";
import { connect } from "@plaza/kit/db/database";
import { signInDemo } from "../../test/base/accounts.ts";
import { startPlazaProcess } from "./plaza-process.ts";
import { startPostgres } from "./postgres.ts";
import { processorTimeMs } from "./process-stats.ts";
import type { Scope } from "./scope.ts";

const postBody = "Lorem ipsum dolor sit amet, consectetur adipiscing elit. ".repeat(10);

/** A new post, as clients send it. */
export const newPostJson = JSON.stringify({ title: "A post", body: postBody });

/** Size of the body of every post. */
export const postBodyBytes = Buffer.byteLength(postBody);

/** Plaza with posts of known ids, one of whose authors the benchmark is. */
export type PostsPlaza = Awaited<ReturnType<typeof startPostsPlaza>>;

/** Starts Plaza in one process on the given core, and its PostgreSQL where this process runs. */
export async function startPostsPlaza(
  scope: Scope,
  { cores, postCount }: { readonly cores: string; readonly postCount: number },
) {
  const server = await startPostgres(scope);
  const { url, pid } = await startPlazaProcess(scope, {
    cores,
    env: { DATABASE_URL: toConnectionUrl(server.connectionConfig("postgres")) },
  });
  const signIn = () => signInDemo(url, "nonadmin3");
  const { accessToken, id: authorId } = await signIn();
  const ids = Array.from({ length: postCount }, () => randomUUIDv7());
  const db = connect(server.connectionConfig("postgres_posts"), { max: 1 });
  scope.defer(() => db.end());
  return {
    url,
    accessToken,
    authorId,
    ids,
    /** A new access token of the author: one is valid for ten minutes. */
    newAccessToken: async () => (await signIn()).accessToken,
    /** How to reach a database of the same PostgreSQL. */
    connectionConfig: (database: string) => server.connectionConfig(database),
    /** Processor time that Plaza has used, in milliseconds. */
    processorTimeMs: () => processorTimeMs(pid),
    /** Replaces all posts by those of `ids`, and leaves the tables as if new. */
    async fill(): Promise<void> {
      await db`truncate post, event`;
      await db`
        insert into post (id, author_id, title, body, excerpt, create_time, update_time)
        select id, ${authorId}, 'A post', ${postBody}, left(${postBody}, 280), now(), now()
        from unnest(${ids}::uuid[]) as id`;
      await db`vacuum (analyze) post, event`;
      await db`checkpoint`;
    },
  };
}
