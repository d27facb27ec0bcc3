import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { serveCredulously } from "../conformance/permissive-peer.ts";
import { Peer } from "../testing/peer.ts";
import { createResult, runBatches, type SideOptions, type SideResult } from "./batch-run.ts";
import { attackClient } from "./client-session.ts";
import { sessionRandom } from "./random.ts";
import { Target } from "./target-process.ts";

const callers = 32;

/** Answers the calls of a client with mutated frames. */
export async function fuzzClient(options: SideOptions): Promise<SideResult> {
  const { seed, limitMs, plant } = options;
  const result = createResult();
  const { faults, tally } = result;
  const note = (fault: string): void => void faults.push(fault);
  const sockets = new Set<Socket>();
  let isKind = true;
  let session = 0;
  const attack = async (socket: Socket): Promise<void> => {
    session += 1;
    const name = `session ${session}`;
    const random = sessionRandom(seed, session);
    const onFault = (fault: string) => note(`${name}: ${fault}`);
    await attackClient(socket, { random, limitMs, tally, onFault });
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    if (isKind) serveCredulously(new Peer(socket, "server"));
    else void attack(socket).catch((error: unknown) => note(`broken: ${error}`));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const hangUp = async () => {
    for (const socket of sockets) socket.destroy();
    while (sockets.size > 0) await sleep(1);
  };
  const { port } = server.address() as AddressInfo;
  const target = new Target(plant, note);
  await target.ask({ ask: "connect", port });
  await runBatches(
    {
      name: "client",
      async send(quota, batch) {
        isKind = false;
        await target.ask({ ask: "call", seed: seed + callers * batch, callers, limitMs });
        const wait = { until: performance.now() + 2 * limitMs, mutated: tally.mutated };
        while (tally.mutated < quota && faults.length === 0) {
          await sleep(5);
          if (tally.mutated > wait.mutated) {
            wait.until = performance.now() + 2 * limitMs;
            wait.mutated = tally.mutated;
          } else if (performance.now() > wait.until) note("hang: the client calls no more");
        }
        result.succeeded += await target.ask({ ask: "pause" });
      },
      async check() {
        isKind = true;
        await hangUp();
        await target.ask({ ask: "callOnce" });
        await hangUp();
      },
      measure: () => target.ask({ ask: "measure" }),
    },
    options,
    result,
  );
  // Faults that no connection shows are told now.
  if (faults.length > 0) await target.ask({ ask: "measure" });
  await target.close(limitMs);
  server.close();
  await hangUp();
  return result;
}
