// A request through the whole of Plaza in one process, against a bare Fastify and postgres.js server on
// the same tables. The servers have one core, PostgreSQL and the generator (wrk) the other. Each
// measurement begins with the same rows, vacuumed: what one writes must not slow the next.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
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

const plaza = await started([main, "start"], {
  DATABASE_URL: targetUrl(server.target("postgres")),
  PLAZA_DATA: dataDir,
  PLAZA_PORT: "0",
  PLAZA_RATE_LIMIT: "0",
});
const { accessToken, id: authorId } = await signInDemo(plaza.url, "nonadmin3");
const ids = Array.from({ length: rowCount }, () => randomUUIDv7());
const db = connect(server.target("postgres_posts"), { max: 1 });
const bare = await started([path.join(import.meta.dirname, "requests", "bare.ts")], {
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
  "GET, Plaza (post and author)": () => wrk(plaza.url, get("/v1/posts/")),
  "GET, bare (post)": () => wrk(bare.url, get("/posts/")),
  "GET, bare (post, then author)": () => wrk(bare.url, get("/posts-with-author/")),
  "POST, Plaza (checked, announced)": () => wrk(`${plaza.url}/v1/posts`, post),
  "POST, bare (insert)": () => wrk(`${bare.url}/posts`, post),
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

/** Starts a server on the first core and answers where it listens. */
function started(
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn("taskset", ["-c", "0", process.execPath, ...args], {
    env: { ...process.env, NODE_ENV: "production", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  process.once("exit", () => child.kill());
  return new Promise((resolve, reject) => {
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => {
      printed += String(chunk);
      const [url] = /http:\/\/[\w.]+:\d+/.exec(printed) ?? [];
      if (url) resolve({ url, child });
    });
    child.once("exit", () => reject(new Error(`did not start:\n${printed}`)));
  });
}

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

/** Requests per second that were answered, on fresh tables; fails when any was refused. */
async function wrk(url: string, file: string): Promise<number> {
  await fill();
  const args = [
    "-c",
    "1",
    "wrk",
    "-t1",
    `-c${options.connections}`,
    `-d${options.seconds}s`,
    "-s",
    file,
    url,
  ];
  const printed = execFileSync("taskset", args, { encoding: "utf8" });
  const [, rate] = /^Requests\/sec: +([\d.]+)/m.exec(printed) ?? [];
  if (!Number(rate) || printed.includes("Non-2xx")) throw new Error(printed);
  return Number(rate);
}
