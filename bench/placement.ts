// The same request to Plaza in one process and to Plaza with a process for each service, on the same two
// cores, which PostgreSQL and the load generator (this process, on the second) share.
import { runClosedLoop } from "./base/closed-loop.ts";
import { chooseCores, pinProcess } from "./base/cores.ts";
import { randomGet } from "./base/http-request.ts";
import { parseBenchOptions } from "./base/options.ts";
import { startPlazaProcess } from "./base/plaza-process.ts";
import { RefusalCounter } from "./base/refusals.ts";
import {
  medianOf,
  printResult,
  printTable,
  roundsOf,
  runRounds,
  seriesCells,
} from "./base/report.ts";
import { type Scope, withScope } from "./base/scope.ts";

const options = parseBenchOptions({ n: 5, seconds: 4, connections: 32 }, { n: 1, seconds: 0.3 });
const cores = chooseCores();
const names = { together: "one process", apart: "a process for each service" };
const refusals = new RefusalCounter();

await withScope(async (scope) => {
  const [measureTogether, measureApart] = await Promise.all([
    startPlacement(scope, names.together),
    startPlacement(scope, names.apart, "--split"),
  ]);
  pinProcess(cores.load);
  const measured = await runRounds(roundsOf(options), {
    [names.together]: measureTogether,
    [names.apart]: measureApart,
  });

  printTable([
    ["GET /v1/posts/{id}", "median", "each round", "refused"],
    ...Object.values(measured).map((series) => [
      ...seriesCells(series, "requests/s"),
      refusals.cell(series.name),
    ]),
  ]);
  console.log(
    `\n${options.connections} connections for ${options.seconds} s, each with one request at a time, the demo's posts.\n`,
  );
  if (!options.smoke) refusals.assertFew();
  const together = medianOf(measured, names.together);
  const apart = medianOf(measured, names.apart);
  printResult({
    bench: "placement",
    ratios: { split_vs_one: apart / together },
    figures: { together, apart },
    smoke: options.smoke,
  });
});
process.exit();

/** Starts Plaza and returns how to measure a round of it. */
async function startPlacement(scope: Scope, name: string, ...args: string[]) {
  const { url } = await startPlazaProcess(scope, { cores: cores.both, args });
  const { posts } = (await (await fetch(`${url}/v1/posts`)).json()) as { posts: { id: string }[] };
  const ids = posts.map(({ id }) => id);
  const nextRequest = randomGet(url, "/v1/posts/", ids);
  return async () => refusals.add(name, await runClosedLoop(url, nextRequest, options));
}
