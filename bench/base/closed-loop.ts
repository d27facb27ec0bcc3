import { setTimeout as sleep } from "node:timers/promises";
import { HttpClient } from "./http-client.ts";
import { isRefusal } from "./refusals.ts";
import { percentile } from "./report.ts";

export type LoopOptions = { readonly connections: number; readonly seconds: number };

/** What came of a closed loop: responses with status 200, and those with 429 or 503. */
export type LoopResult = {
  readonly servedPerSecond: number;
  readonly served: number;
  readonly refused: number;
};

/** The same, with percentiles of the time that the served took, in milliseconds. */
export type TimedLoopResult = LoopResult & {
  readonly p50Ms: number;
  readonly p99Ms: number;
};

/**
 * Sends requests over HTTP/1.1 from connections that each send another as soon as they have a response.
 * It runs in this process: 20 µs of processor time for each request, as h2load takes (measured in 2026 with
 * responses of 700 bytes), and requests can come in random order, which h2load cannot do: its connections go
 * through one list in step, and Plaza would read each row once for all of them.
 * It runs for the given time, and longer until something was served; then it awaits the last responses, so that
 * no work is left for what is measured next. Rejects on any status but 200, 429 and 503, and when a connection is
 * lost.
 */
export async function runClosedLoop(
  url: string,
  nextRequest: () => Buffer,
  { connections, seconds }: LoopOptions,
): Promise<TimedLoopResult> {
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const firstServed = Promise.withResolvers<void>();
  const lastResponse = Promise.withResolvers<void>();
  const counts = { served: 0, refused: 0 };
  const latenciesMs: number[] = [];
  const sentAtMs = new Map<HttpClient, number>();
  let isOver = false;
  let waiting = connections;
  const send = (client: HttpClient) => {
    sentAtMs.set(client, performance.now());
    client.send(nextRequest());
  };
  const onResponse = (client: HttpClient, status: number) => {
    if (isOver) {
      waiting -= 1;
      if (waiting === 0) lastResponse.resolve();
      return;
    }
    if (status === 200) {
      counts.served += 1;
      latenciesMs.push(performance.now() - (sentAtMs.get(client) ?? Number.NaN));
      firstServed.resolve();
    } else if (isRefusal(status)) counts.refused += 1;
    else failed.reject(new Error(`${url} responded with status ${status}`));
    send(client);
  };
  const clients: HttpClient[] = [];
  try {
    for (let n = 0; n < connections; n += 1) {
      clients.push(await HttpClient.open(url, { onResponse, onFailure: failed.reject }));
    }
    const startedAt = performance.now();
    for (const client of clients) send(client);
    const lasted = Promise.all([sleep(seconds * 1_000), firstServed.promise]);
    await Promise.race([lasted, failed.promise]);
    const servedPerSecond = (counts.served * 1_000) / (performance.now() - startedAt);
    isOver = true;
    await Promise.race([lastResponse.promise, failed.promise]);
    const [p50Ms, p99Ms] = [percentile(latenciesMs, 0.5), percentile(latenciesMs, 0.99)];
    return { servedPerSecond, ...counts, p50Ms, p99Ms };
  } finally {
    for (const client of clients) client.close();
  }
}
