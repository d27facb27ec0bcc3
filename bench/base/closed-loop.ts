import { setTimeout as sleep } from "node:timers/promises";
import { HttpClient } from "./http-client.ts";
import { isRefusal } from "./refusals.ts";

export type LoopOptions = { readonly connections: number; readonly seconds: number };

/** What came of a closed loop: responses with status 200, and those with 429 or 503. */
export type LoopResult = {
  readonly servedPerSecond: number;
  readonly served: number;
  readonly refused: number;
};

/**
 * Sends requests over HTTP/1.1 from connections that each send another as soon as they have a response.
 * It runs in this process: 20 µs of processor time for each request, as h2load takes (measured in 2026 with
 * responses of 700 bytes), and requests can come in random order, which h2load cannot do: its connections go
 * through one list in step, and Plaza would read each row once for all of them.
 * It runs for the given time, and longer until something was served. Rejects on any status but 200, 429 and
 * 503, and when a connection is lost.
 */
export async function runClosedLoop(
  url: string,
  nextRequest: () => Buffer,
  { connections, seconds }: LoopOptions,
): Promise<LoopResult> {
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const firstServed = Promise.withResolvers<void>();
  const counts = { served: 0, refused: 0 };
  let isOver = false;
  const onResponse = (client: HttpClient, status: number) => {
    if (isOver) return;
    if (status === 200) {
      counts.served += 1;
      firstServed.resolve();
    } else if (isRefusal(status)) counts.refused += 1;
    else failed.reject(new Error(`${url} responded with status ${status}`));
    client.send(nextRequest());
  };
  const clients: HttpClient[] = [];
  try {
    for (let n = 0; n < connections; n += 1) {
      clients.push(await HttpClient.open(url, { onResponse, onFailure: failed.reject }));
    }
    const startedAt = performance.now();
    for (const client of clients) client.send(nextRequest());
    const lasted = Promise.all([sleep(seconds * 1_000), firstServed.promise]);
    await Promise.race([lasted, failed.promise]);
    const servedPerSecond = (counts.served * 1_000) / (performance.now() - startedAt);
    return { servedPerSecond, ...counts };
  } finally {
    isOver = true;
    for (const client of clients) client.close();
  }
}
