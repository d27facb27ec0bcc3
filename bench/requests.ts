// Requests through the whole of Plaza in one process, against servers of posts written with NestJS on Fastify and
// pg, and with grpc-gateway, grpc-go and pgx. The servers have one core, PostgreSQL and the load generator (this
// process) the other. All log, count and validate each request, and verify the token of a write: Plaza once for
// as long as it keeps the result, the others each time, as their libraries do.
// Each measurement begins with the same rows, vacuumed, so that the writes of one do not slow the next.
import { runClosedLoop } from "./base/closed-loop.ts";
import { chooseCores, pinProcess } from "./base/cores.ts";
import { httpRequest, randomGet } from "./base/http-request.ts";
import { parseBenchOptions } from "./base/options.ts";
import { newPostJson, postBodyBytes, startPostsPlaza } from "./base/posts-plaza.ts";
import { printResult, roundsOf } from "./base/report.ts";
import { exitWithMessage } from "./base/required-programs.ts";
import { withScope } from "./base/scope.ts";
import { assertAlike } from "./requests/assert-alike.ts";
import { type Contender, startPeers } from "./requests/contenders.ts";
import { type Measurement, printMeasurements, type Round, summarize } from "./requests/summary.ts";

const options = parseBenchOptions(
  { n: 5, seconds: 4, connections: "8,32,64,256", pool: 10, posts: 10_000 },
  { n: 1, seconds: 0.2, connections: "8", posts: 500 },
);
const { seconds, smoke } = options;
const connectionCounts = options.connections.split(",").map(Number);
if (!connectionCounts.every((count) => count > 0)) {
  exitWithMessage(`--connections are numbers above 0, not "${options.connections}"`);
}
const loads = ["read", "list", "write"] as const;
const cores = chooseCores();
pinProcess(cores.load);

await withScope(async (scope) => {
  const plaza = await startPostsPlaza(scope, { cores: cores.measured, postCount: options.posts });
  const peers = await startPeers(scope, plaza, { ...options, cores: cores.measured });
  const contenders: Contender[] = [{ name: "plaza", ...plaza }, ...peers];
  await plaza.fill();
  await assertAlike(contenders, { ...plaza, newPostJson });

  async function newPostRequest(url: string): Promise<Buffer> {
    const accessToken = await plaza.newAccessToken();
    return httpRequest(url, "POST", "/v1/posts", { body: newPostJson, accessToken });
  }

  /** Returns what makes the requests of a load. */
  async function requestsOf(load: (typeof loads)[number], url: string): Promise<() => Buffer> {
    if (load === "read") return randomGet(url, "/v1/posts/", plaza.ids);
    const request =
      load === "list" ? httpRequest(url, "GET", "/v1/posts") : await newPostRequest(url);
    return () => request;
  }

  async function measure(
    { url, processorTimeMs }: Contender,
    nextRequest: () => Buffer,
    connections: number,
  ): Promise<Round> {
    await plaza.fill();
    const before = { cpuMs: processorTimeMs(), at: performance.now() };
    const result = await runClosedLoop(url, nextRequest, { connections, seconds });
    const busy = (processorTimeMs() - before.cpuMs) / (performance.now() - before.at);
    return { ...result, busy };
  }

  const { warmUp, counted } = roundsOf(options);
  const measurements: Measurement[] = [];
  for (const connections of connectionCounts) {
    const current = loads.flatMap((load) =>
      contenders.map((contender) => {
        const { name } = contender;
        return { load, contender, name, connections, rounds: [] as Round[] };
      }),
    );
    for (let number = 0; number < warmUp + counted; number += 1) {
      for (const { load, contender, rounds } of current) {
        const nextRequest = await requestsOf(load, contender.url);
        const round = await measure(contender, nextRequest, connections);
        if (number >= warmUp) rounds.push(round);
      }
    }
    printMeasurements(current, connections);
    measurements.push(...current);
  }
  console.log(
    `Each connection has one request at a time, for ${seconds} s; ${plaza.ids.length} posts of ${postBodyBytes} bytes, lists of 20; refused: 429 or 503. Plaza: one process, as started by npm start; the others with ${options.pool} connections to PostgreSQL.\n`,
  );
  printResult({ bench: "requests", ...summarize(measurements, "plaza"), smoke });
});
process.exit();
