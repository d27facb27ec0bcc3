// A request through the whole of Plaza in one process, against a bare Fastify and postgres.js server on
// the same tables. The servers have one core, PostgreSQL and the generator (wrk) the other. Each
// measurement begins with the same rows, vacuumed: what one writes must not slow the next.
import { execFileSync } from "node:child_process";
import { randomUUIDv7 } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { connect } from "@plaza/kit/db";
import { targetUrl } from "@plaza/kit/db-target";
import { startEmbedded } from "@plaza/kit/embedded";
import { signInDemo } from "../test/accounts.ts";
import { newDataDir, removeData } from "../test/data.ts";
import { main } from "../test/plaza.ts";
import { cells, median, printResult, printTable, rounds } from "./report.ts";
import { started, wrk } from "./requests/load.ts";

const { values: options } = parseArgs({
  options: {
    n: { type: "string", default: "5" },
    seconds: { type: "string", default: "5" },
    connections: { type: "string", default: "64" },
  },
});
const rowCount = 10_000;
const body = "Lorem ipsum dolor sit amet, consectetur adipiscing elit. ".repeat(10);

execFileSync("taskset", ["-acp", "1", String(process.pid)]);
const dataDir = newDataDir();
const server = await startEmbedded({ dataDir });

const plaza = await started("0", [main, "start"], {
  DATABASE_URL: targetUrl(server.target("postgres")),
  PLAZA_DATA: dataDir,
  PLAZA_PORT: "0",
  PLAZA_RATE_LIMIT: "0",
});
const { accessToken, id: authorId } = await signInDemo(plaza.url, "nonadmin3");
const ids = Array.from({ length: rowCount }, () => randomUUIDv7());
const db = connect(server.target("postgres_posts"), { max: 1 });
const bare = await started("0", [path.join(import.meta.dirname, "requests", "bare.ts")], {
  PGHOST: server.target("postgres").host,
  PGUSER: server.target("postgres").user,
  AUTHOR_ID: authorId,
});

const get = (url: string) =>
  script(
    `get${url.length}.lua`,
    `
local ids = { ${ids.map((id) => `"${id}"`).join(",")} }
request = function() return wrk.format("GET", "${url}" .. ids[math.random(#ids)]) end`,
  );
const post = script(
  "post.lua",
  `
wrk.method = "POST"
wrk.body = ${JSON.stringify(JSON.stringify({ title: "A post", body }))}
wrk.headers["content-type"] = "application/json"
wrk.headers["authorization"] = "Bearer ${accessToken}"`,
);

const measured = await rounds(Number(options.n), {
  "GET, Plaza (post and author)": () => measure(plaza.url, get("/v1/posts/")),
  "GET, bare (post)": () => measure(bare.url, get("/posts/")),
  "GET, bare (post, then author)": () => measure(bare.url, get("/posts-with-author/")),
  "POST, Plaza (checked, announced)": () => measure(`${plaza.url}/v1/posts`, post),
  "POST, bare (insert)": () => measure(`${bare.url}/posts`, post),
});

await db.end();

for (const { child } of [plaza, bare]) {
  child.kill("SIGINT");
  await once(child, "exit");
}
await server.stop();
await removeData(dataDir);

printTable([
  ["what", "median", "each round"],
  ...Object.values(measured).map((series) => cells(series, "requests/s")),
]);
console.log(
  `\nwrk -t1 -c${options.connections} -d${options.seconds}s, ${rowCount} posts of ${body.length} bytes; Plaza: one process, as started by npm start; bare: Fastify 5, postgres.js with its 10 connections.\n`,
);
const [read, bareRead, bareReadBoth, write, bareWrite] = Object.values(measured).map(({ values }) =>
  median(values),
) as [number, number, number, number, number];
printResult(
  "requests",
  {
    read_vs_bare: read / bareRead,
    read_vs_bare_both: read / bareReadBoth,
    write_vs_bare: write / bareWrite,
  },
  { read, bare_read: bareRead, bare_read_both: bareReadBoth, write, bare_write: bareWrite },
);

async function fill(): Promise<void> {
  await db`truncate post, event`;
  await db`
    insert into post (id, author_id, title, body, excerpt, create_time, update_time)
    select id, ${authorId}, 'A post', ${body}, left(${body}, 280), now(), now()
    from unnest(${ids}::uuid[]) as id`;
  await db`vacuum (analyze) post, event`;
  await db`checkpoint`;
}

function script(name: string, text: string): string {
  const file = path.join(dataDir, name);
  writeFileSync(file, text);
  return file;
}

/** Requests per second, on fresh tables. */
async function measure(url: string, file: string): Promise<number> {
  await fill();
  return wrk(url, file, options);
}
