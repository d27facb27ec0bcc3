import { randomUUIDv7 } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { toConnectionUrl } from "@plaza/kit/db/connection-config";
import { connect } from "@plaza/kit/db/database";
import { startEmbeddedServer } from "@plaza/kit/postgres/embedded-server";
import { signInDemo } from "../../test/base/accounts.ts";
import { newDataDir, removeDataDir } from "../../test/base/data-dir.ts";
import { cliEntry } from "../../test/base/running-plaza.ts";
import { startServerProcess } from "./wrk.ts";

const postCount = 10_000;
const postBody = "Lorem ipsum dolor sit amet, consectetur adipiscing elit. ".repeat(10);

/** A new post, as clients send it. */
export const newPostJson = JSON.stringify({ title: "A post", body: postBody });

/** Plaza in one process on the first core, with PostgreSQL where this process runs. */
export async function startPostsPlaza() {
  const dataDir = newDataDir();
  const server = await startEmbeddedServer({ dataDir });
  const { url, child } = await startServerProcess("0", [cliEntry, "start"], {
    DATABASE_URL: toConnectionUrl(server.connectionConfig("postgres")),
    PLAZA_DATA: dataDir,
    PLAZA_PORT: "0",
    PLAZA_RATE_LIMIT: "0",
  });
  const { accessToken, id: authorId } = await signInDemo(url, "nonadmin3");
  const ids = Array.from({ length: postCount }, () => randomUUIDv7());
  const db = connect(server.connectionConfig("postgres_posts"), { max: 1 });
  const { host, user } = server.connectionConfig("postgres");
  return {
    url,
    dataDir,
    accessToken,
    authorId,
    ids,
    /** What a client of the same PostgreSQL needs in its environment. */
    databaseEnv: { PGHOST: host, PGUSER: user },
    /** The processor time that Plaza has had, in milliseconds. */
    cpuMs(): number {
      const stat = readFileSync(`/proc/${child.pid}/stat`, "utf8");
      const [user = 0, system = 0] = stat
        .slice(stat.lastIndexOf(")"))
        .split(" ")
        .slice(12)
        .map(Number);
      return (user + system) * 10;
    },
    /** Makes the posts these, and the tables as if new. */
    async fill(): Promise<void> {
      await db`truncate post, event`;
      await db`
        insert into post (id, author_id, title, body, excerpt, create_time, update_time)
        select id, ${authorId}, 'A post', ${postBody}, left(${postBody}, 280), now(), now()
        from unnest(${ids}::uuid[]) as id`;
      await db`vacuum (analyze) post, event`;
      await db`checkpoint`;
    },
    async stop(): Promise<void> {
      await db.end();
      child.kill("SIGINT");
      await once(child, "exit");
      await server.stop();
      await removeDataDir(dataDir);
    },
  };
}
