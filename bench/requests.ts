// A request through the whole of Plaza in one process, against a bare Fastify and postgres.js server on
// the same tables. The servers have one core, PostgreSQL and the generator (wrk) the other. Each
// measurement begins with the same rows, vacuumed: what one writes must not slow the next.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { newPostJson, startPostsPlaza } from "./base/posts-plaza.ts";
import { median, printResult, printTable, runRounds, seriesCells } from "./base/report.ts";
import { requestsPerSecond, startServerProcess } from "./base/wrk.ts";

const { values: options } = parseArgs({
  options: {
    n: { type: "string", default: "5" },
    seconds: { type: "string", default: "5" },
    connections: { type: "string", default: "64" },
  },
});

execFileSync("taskset", ["-acp", "1", String(process.pid)]);
const plaza = await startPostsPlaza();
const { ids, accessToken } = plaza;
const bareServer = await startServerProcess(
  "0",
  [path.join(import.meta.dirname, "requests", "bare-server.ts")],
  {
    ...plaza.databaseEnv,
    AUTHOR_ID: plaza.authorId,
  },
);

const getScript = (url: string) =>
  writeScript(
    `get${url.length}.lua`,
    `
local ids = { ${ids.map((id) => `"${id}"`).join(",")} }
request = function() return wrk.format("GET", "${url}" .. ids[math.random(#ids)]) end`,
  );
const postScript = writeScript(
  "post.lua",
  `
wrk.method = "POST"
wrk.body = ${JSON.stringify(newPostJson)}
wrk.headers["content-type"] = "application/json"
wrk.headers["authorization"] = "Bearer ${accessToken}"`,
);

const measured = await runRounds(Number(options.n), {
  "GET, Plaza (post and author)": () => measure(plaza.url, getScript("/v1/posts/")),
  "GET, bare (post)": () => measure(bareServer.url, getScript("/posts/")),
  "GET, bare (post, then author)": () => measure(bareServer.url, getScript("/posts-with-author/")),
  "POST, Plaza (checked, announced)": () => measure(`${plaza.url}/v1/posts`, postScript),
  "POST, bare (insert)": () => measure(`${bareServer.url}/posts`, postScript),
});

bareServer.child.kill("SIGINT");
await once(bareServer.child, "exit");
await plaza.stop();

printTable([
  ["what", "median", "each round"],
  ...Object.values(measured).map((series) => seriesCells(series, "requests/s")),
]);
console.log(
  `\nwrk -t1 -c${options.connections} -d${options.seconds}s, ${ids.length} posts of ${JSON.parse(newPostJson).body.length} bytes; Plaza: one process, as started by npm start; bare: Fastify 5, postgres.js with its 10 connections.\n`,
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

function writeScript(name: string, text: string): string {
  const file = path.join(plaza.dataDir, name);
  writeFileSync(file, text);
  return file;
}

/** Requests per second, on fresh tables. */
async function measure(url: string, file: string): Promise<number> {
  await plaza.fill();
  return requestsPerSecond(url, file, options);
}
