import { setTimeout as sleep } from "node:timers/promises";
import { type Client, createClient } from "@connectrpc/connect";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { TestService } from "@plaza/grpc/testing";
import { createGrpcTransport } from "@plaza/grpc/transport";
import { percentile } from "../base/report.ts";

/** Calls `once` from `callers` concurrent callers. Returns calls a second. */
export async function callsPerSecond(
  once: () => Promise<unknown>,
  callers: number,
  seconds: number,
): Promise<number> {
  const startedAt = performance.now();
  const end = startedAt + seconds * 1_000;
  let count = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() < end) {
      await once();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return (count / (performance.now() - startedAt)) * 1_000;
}

/**
 * Messages a second through bidirectional streams, each of which keeps `window` messages in flight.
 * Responses carry `size` bytes, or no field at all.
 */
export async function messagesPerSecond(
  port: number,
  { streams, window, size }: { streams: number; window: number; size?: number },
  seconds: number,
): Promise<number> {
  const { client, close } = createTestClients(port);
  const startedAt = performance.now();
  const end = startedAt + seconds * 1_000;
  let count = 0;
  const request = { responseParameters: size === undefined ? [] : [{ size }] };
  const stream = async (): Promise<void> => {
    let sent = 0;
    let received = 0;
    let wake: (() => void) | undefined;
    const requests = async function* () {
      while (sent === 0 || performance.now() < end) {
        if (sent - received < window) {
          sent += 1;
          yield request;
        } else await new Promise<void>((resolve) => (wake = resolve));
      }
    };
    for await (const _response of client.fullDuplexCall(requests())) {
      received += 1;
      count += 1;
      wake?.();
    }
  };
  await Promise.all(Array.from({ length: streams }, stream));
  close();
  return (count / (performance.now() - startedAt)) * 1_000;
}

/**
 * Calls at a fixed rate, whether responses arrive or not. Returns the 99th percentile of the time from the
 * moment a call was due to its response, in milliseconds.
 */
export async function latencyP99(port: number, rate: number, seconds: number): Promise<number> {
  const { posts, close } = createTestClients(port);
  const times: number[] = [];
  const calls: Promise<unknown>[] = [];
  const startedAt = performance.now();
  const total = Math.max(1, Math.floor(rate * seconds));
  for (let n = 0; n < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1_000) * rate));
    for (; n < due; n += 1) {
      const at = startedAt + (n / rate) * 1_000;
      calls.push(posts.getPost({ id: "1" }).then(() => times.push(performance.now() - at)));
    }
    await sleep(1);
  }
  await Promise.all(calls);
  close();
  return percentile(times, 0.99);
}

/** Clients of a server; `close` ends their connections. */
export function createTestClients(port: number): {
  client: Client<typeof TestService>;
  posts: Client<typeof PostService>;
  close(): void;
} {
  const transport = createGrpcTransport({ address: `http://127.0.0.1:${port}` });
  return {
    client: createClient(TestService, transport),
    posts: createClient(PostService, transport),
    close: () => transport.close(),
  };
}
