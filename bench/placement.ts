// The same request to Plaza in one process and to Plaza with a process for each service, on the same two
// cores, which PostgreSQL and the generator (wrk) share.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { newDataDir, removeDataDir } from "../test/base/data-dir.ts";
import { cliEntry } from "../test/base/running-plaza.ts";
import { median, printResult, printTable, runRounds, seriesCells } from "./base/report.ts";
import { requestsPerSecond, startServerProcess } from "./base/wrk.ts";

const { values: options } = parseArgs({
  options: {
    n: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    connections: { type: "string", default: "64" },
  },
});
const oneProcess = await startPlacement();
const split = await startPlacement("--split");

const measured = await runRounds(Number(options.n), {
  "one process": oneProcess.measure,
  "a process for each service": split.measure,
});
await oneProcess.stop();
await split.stop();

printTable([
  ["GET /v1/posts/{id}", "median", "each round"],
  ...Object.values(measured).map((series) => seriesCells(series, "requests/s")),
]);
console.log(`\nwrk -t1 -c${options.connections} -d${options.seconds}s, the demo's posts.\n`);
const [together = 0, apart = 0] = Object.values(measured).map(({ values }) => median(values));
printResult("placement", { split_vs_one: apart / together }, { together, apart });
process.exit();

async function startPlacement(...args: string[]) {
  const dataDir = newDataDir();
  const env = { PLAZA_DATA: dataDir, PLAZA_PORT: "0", PLAZA_RATE_LIMIT: "0", DATABASE_URL: "" };
  const { url, child } = await startServerProcess("0,1", [cliEntry, "start", ...args], env);
  const { posts } = (await (await fetch(`${url}/v1/posts`)).json()) as { posts: { id: string }[] };
  const file = path.join(dataDir, "get.lua");
  writeFileSync(
    file,
    `
local ids = { ${posts.map(({ id }) => `"${id}"`).join(",")} }
request = function() return wrk.format("GET", "/v1/posts/" .. ids[math.random(#ids)]) end`,
  );
  return {
    measure: async () => requestsPerSecond(url, file, options),
    async stop() {
      child.kill("SIGINT");
      await once(child, "exit");
      await removeDataDir(dataDir);
    },
  };
}
