// A request through the whole of Plaza in one process, against a bare Fastify and postgres.js server on
// the same tables. The servers have one core, PostgreSQL and the load generator (this process) the other.
// Each measurement begins with the same rows, vacuumed, so that the writes of one do not slow the next.
import path from "node:path";
import { runClosedLoop } from "./base/closed-loop.ts";
import { chooseCores, pinProcess } from "./base/cores.ts";
import { httpRequest, randomGet } from "./base/http-request.ts";
import { parseBenchOptions } from "./base/options.ts";
import { newPostJson, postBodyBytes, startPostsPlaza } from "./base/posts-plaza.ts";
import { RefusalCounter } from "./base/refusals.ts";
import {
  medianOf,
  printResult,
  printTable,
  roundsOf,
  runRounds,
  seriesCells,
} from "./base/report.ts";
import { withScope } from "./base/scope.ts";
import { startServerProcess } from "./base/server-process.ts";

const options = parseBenchOptions(
  { n: 5, seconds: 5, connections: 32, posts: 10_000 },
  { n: 1, seconds: 0.3, posts: 500 },
);
const cores = chooseCores();
pinProcess(cores.load);

await withScope(async (scope) => {
  const plaza = await startPostsPlaza(scope, { cores: cores.measured, postCount: options.posts });
  const { ids, accessToken } = plaza;
  const bareServer = await startServerProcess(scope, {
    cores: cores.measured,
    args: [path.join(import.meta.dirname, "requests", "bare-server.ts")],
    env: { ...plaza.databaseEnv, AUTHOR_ID: plaza.authorId },
  });
  const get = (url: string, prefix: string) => [url, randomGet(url, prefix, ids)] as const;
  const post = (url: string, prefix: string) => {
    const request = httpRequest(url, "POST", prefix, { body: newPostJson, accessToken });
    return [url, () => request] as const;
  };
  const loads = {
    read: ["GET, Plaza (post and author)", ...get(plaza.url, "/v1/posts/")],
    bareRead: ["GET, bare (post)", ...get(bareServer.url, "/posts/")],
    bareReadBoth: ["GET, bare (post, then author)", ...get(bareServer.url, "/posts-with-author/")],
    write: ["POST, Plaza (validated, published)", ...post(plaza.url, "/v1/posts")],
    bareWrite: ["POST, bare (insert)", ...post(bareServer.url, "/posts")],
  } as const;

  const refusals = new RefusalCounter();
  const contenders = Object.values(loads).map(([name, url, nextRequest]) => {
    const measure = async () => {
      await plaza.fill();
      return refusals.add(name, await runClosedLoop(url, nextRequest, options));
    };
    return [name, measure] as const;
  });
  const measured = await runRounds(roundsOf(options), Object.fromEntries(contenders));

  printTable([
    ["request", "median", "each round", "refused"],
    ...Object.values(measured).map((series) => [
      ...seriesCells(series, "requests/s"),
      refusals.cell(series.name),
    ]),
  ]);
  console.log(
    `\n${options.connections} connections for ${options.seconds} s, each with one request at a time, ${ids.length} posts of ${postBodyBytes} bytes; Plaza: one process, as started by npm start; bare: Fastify 5, postgres.js with its 10 connections.\n`,
  );
  if (!options.smoke) refusals.assertFew();
  const rate = (load: keyof typeof loads) => medianOf(measured, loads[load][0]);
  printResult({
    bench: "requests",
    ratios: {
      read_vs_bare: rate("read") / rate("bareRead"),
      read_vs_bare_both: rate("read") / rate("bareReadBoth"),
      write_vs_bare: rate("write") / rate("bareWrite"),
    },
    figures: {
      read: rate("read"),
      bare_read: rate("bareRead"),
      bare_read_both: rate("bareReadBoth"),
      write: rate("write"),
      bare_write: rate("bareWrite"),
    },
    smoke: options.smoke,
  });
});
process.exit();
