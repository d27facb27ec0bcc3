import { setTimeout as sleep } from "node:timers/promises";
import { HttpClient } from "../base/http-client.ts";

/** A request and its response: when it was sent, in milliseconds of this process, and its latency. */
export type Sample = { readonly atMs: number; readonly status: number; readonly ms: number };

/**
 * Requests a second (Infinity: each client sends when it can), clients, and the duration, which is prolonged
 * until as many requests were served as a summary needs.
 */
export type LoadShape = {
  readonly rate: number;
  readonly clients: number;
  readonly seconds: number;
  readonly minServed: number;
  /** Multiplies the rate for a while, again and again. */
  readonly burst?: {
    readonly factor: number;
    readonly durationMs: number;
    readonly everyMs: number;
  };
};

/** More might overflow the queue of connections that the server has not accepted yet. */
const connectedAtOnce = 50;

/**
 * Sends requests over HTTP/1.1 from clients that each wait for their response before they send another. They
 * are due at random times at a fixed mean rate (a Poisson process), whatever the responses; what is due while
 * all clients wait is not sent. Each client has had a response before, since a connection that sends nothing is
 * closed. Rejects when a connection is lost or a response takes ten seconds.
 */
export async function generateLoad(
  url: string,
  requests: readonly Buffer[],
  { rate, clients, seconds, minServed, burst }: LoadShape,
): Promise<Sample[]> {
  const rateAt = (ms: number) =>
    burst && ms % burst.everyMs < burst.durationMs ? burst.factor * rate : rate;
  const samples: Sample[] = [];
  const all = new Set<HttpClient>();
  const idle: HttpClient[] = [];
  const sentAt = new Map<HttpClient, number>();
  let served = 0;
  let connected = 0;
  let waiting = 0;
  let failure: Error | undefined;
  const onResponse = (client: HttpClient, status: number) => {
    const atMs = sentAt.get(client) ?? Number.NaN;
    samples.push({ atMs, status, ms: performance.now() - atMs });
    if (status === 200) served += 1;
    waiting -= 1;
    idle.push(client);
  };
  const onFailure = (error: Error) => {
    failure ??= error;
  };
  const onIdleClose = (client: HttpClient) => {
    idle.splice(idle.indexOf(client), 1);
    all.delete(client);
    connected -= 1;
  };
  const send = (client: HttpClient, atMs: number) => {
    sentAt.set(client, atMs);
    client.send(requests[samples.length % requests.length] as Buffer);
  };
  const connect = async (atMs: number) => {
    try {
      const client = await HttpClient.open(url, { onResponse, onFailure, onIdleClose });
      all.add(client);
      send(client, atMs);
    } catch (error) {
      onFailure(error as Error);
    }
  };
  /** False when all clients wait. */
  const sendNow = (): boolean => {
    const client = idle.pop();
    if (!client && connected === clients) return false;
    waiting += 1;
    if (client) {
      send(client, performance.now());
    } else {
      connected += 1;
      void connect(performance.now());
    }
    return true;
  };
  for (let count = 0; count < clients && !failure; count += connectedAtOnce) {
    for (let n = 0; n < Math.min(connectedAtOnce, clients - count); n += 1) {
      connected += 1;
      waiting += 1;
      void connect(performance.now());
    }
    while (!failure && waiting > 0) await sleep(1);
  }
  samples.length = 0;
  served = 0;
  const startedAt = performance.now();
  let due = startedAt;
  const isOver = (now: number) => now >= startedAt + seconds * 1_000 && served >= minServed;
  for (let now = due; !failure && !isOver(now); now = performance.now()) {
    for (; due <= now; due += (-Math.log(1 - Math.random()) / rateAt(due - startedAt)) * 1_000) {
      if (!sendNow() && rate === Number.POSITIVE_INFINITY) break;
    }
    await sleep(1);
  }
  while (!failure && waiting > 0) await sleep(5);
  for (const client of all) client.close();
  if (failure) throw failure;
  return samples;
}
