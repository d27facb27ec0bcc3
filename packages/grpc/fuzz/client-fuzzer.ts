import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { servePermissively } from "../conformance/permissive-peer.ts";
import { RawPeer } from "../testing/peer.ts";
import {
  createFuzzResult,
  type FuzzPeerOptions,
  type FuzzPeerResult,
  runBatches,
} from "./batch-run.ts";
import { attackClient } from "./client-session.ts";
import { sessionRandom } from "./random.ts";
import { TargetProcess } from "./target-process.ts";

const callerCount = 32;

/** Answers the calls of a client with mutated frames. */
export async function fuzzClient(options: FuzzPeerOptions): Promise<FuzzPeerResult> {
  const { seed, limitMs, seededFault } = options;
  const result = createFuzzResult();
  const { faults, counters } = result;
  const note = (fault: string): void => void faults.push(fault);
  const sockets = new Set<Socket>();
  let isKind = true;
  let session = 0;
  const attack = async (socket: Socket): Promise<void> => {
    session += 1;
    const name = `session ${session}`;
    const random = sessionRandom(seed, session);
    const onFault = (fault: string) => note(`${name}: ${fault}`);
    await attackClient(socket, { random, limitMs, tally: counters, onFault });
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    if (isKind) servePermissively(new RawPeer(socket, "server"));
    else void attack(socket).catch((error: unknown) => note(`broken: ${error}`));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const hangUp = async () => {
    for (const socket of sockets) socket.destroy();
    while (sockets.size > 0) await sleep(1);
  };
  const { port } = server.address() as AddressInfo;
  const target = new TargetProcess(seededFault, note);
  await target.send({ ask: "connect", port });
  await runBatches(
    {
      name: "client",
      async send(quota, batch) {
        isKind = false;
        await target.send({
          ask: "call",
          seed: seed + callerCount * batch,
          callers: callerCount,
          limitMs,
        });
        const wait = { until: performance.now() + 2 * limitMs, mutated: counters.mutated };
        while (counters.mutated < quota && faults.length === 0) {
          await sleep(5);
          if (counters.mutated > wait.mutated) {
            wait.until = performance.now() + 2 * limitMs;
            wait.mutated = counters.mutated;
          } else if (performance.now() > wait.until) note("hang: the client calls no more");
        }
        result.succeeded += await target.send({ ask: "pause" });
      },
      async check() {
        isKind = true;
        await hangUp();
        await target.send({ ask: "callOnce" });
        await hangUp();
      },
      measure: () => target.send({ ask: "measure" }),
    },
    options,
    result,
  );
  // Reports faults that no connection has shown.
  if (faults.length > 0) await target.send({ ask: "measure" });
  await target.close(limitMs);
  server.close();
  await hangUp();
  return result;
}
