import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { TestService } from "@plaza/grpc/testing";
import { createGrpcTransport } from "@plaza/grpc/transport";
import { residentMb } from "../base/process-stats.ts";
import type { Contender } from "./contenders.ts";

const transportCount = 10;

export type IdleOptions = {
  readonly connections: number;
  readonly streams: number;
  /** Time to settle before memory is read. */
  readonly settleMs: number;
};

/** Memory that idle connections and streams cost a fresh server, in MB of resident memory. */
export async function measureIdleMemory(
  startServer: () => Promise<Contender>,
  { connections, streams, settleMs }: IdleOptions,
): Promise<{ streams: number; connections: number }> {
  const first = await startServer();
  const connectionsMb = await memoryOfConnections(first, connections, settleMs);
  await first.stop();
  const second = await startServer();
  const streamsMb = await memoryOfStreams(second, streams, settleMs);
  await second.stop();
  return { streams: streamsMb, connections: connectionsMb };
}

async function memoryOfConnections(
  { port, pid }: Contender,
  count: number,
  settleMs: number,
): Promise<number> {
  const before = residentMb(pid);
  const sessions = Array.from({ length: count }, () => connectHttp2(`http://127.0.0.1:${port}`));
  await Promise.all(sessions.map((session) => once(session, "remoteSettings")));
  await sleep(settleMs);
  const used = residentMb(pid) - before;
  for (const session of sessions) session.destroy();
  return used;
}

async function memoryOfStreams(
  { port, pid }: Contender,
  count: number,
  settleMs: number,
): Promise<number> {
  const before = residentMb(pid);
  const address = `http://127.0.0.1:${port}`;
  const transports = Array.from({ length: transportCount }, () => createGrpcTransport({ address }));
  const opening = transports.flatMap((transport) => {
    const client = createClient(TestService, transport);
    return Array.from({ length: count / transportCount }, () => openIdle(client));
  });
  await Promise.all(opening);
  await sleep(settleMs);
  const used = residentMb(pid) - before;
  for (const transport of transports) transport.close();
  return used;
}

/** Opens a stream, receives one message, and leaves it open. */
async function openIdle(
  client: ReturnType<typeof createClient<typeof TestService>>,
): Promise<void> {
  const requests = async function* () {
    yield { responseParameters: [{ size: 1 }] };
    await new Promise(() => undefined);
  };
  const responses = client.fullDuplexCall(requests())[Symbol.asyncIterator]();
  await responses.next();
}
