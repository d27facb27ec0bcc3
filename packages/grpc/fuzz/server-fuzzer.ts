import { request } from "../testing/messages.ts";
import { RawPeer } from "../testing/peer.ts";
import { emptyResponse, handshake, playScript } from "../testing/script.ts";
import {
  createFuzzResult,
  type FuzzPeerOptions,
  type FuzzPeerResult,
  runBatches,
} from "./batch-run.ts";
import { sessionRandom } from "./random.ts";
import { attackServer } from "./server-session.ts";
import { TargetProcess } from "./target-process.ts";

const workerCount = 16;

/** Attacks a server over many connections at once. */
export async function fuzzServer(options: FuzzPeerOptions): Promise<FuzzPeerResult> {
  const { seed, limitMs, seededFault } = options;
  const result = createFuzzResult();
  const { faults, counters } = result;
  const note = (fault: string): void => void faults.push(fault);
  const target = new TargetProcess(seededFault, note);
  const port = await target.send({ ask: "serve" });
  let session = 0;
  const attack = async (): Promise<void> => {
    session += 1;
    const name = `session ${session}`;
    const random = sessionRandom(seed, session);
    const onFault = (fault: string) => note(`${name}: ${fault}`);
    const attacked = attackServer(port, { random, limitMs, tally: counters, onFault });
    await attacked.catch((error: unknown) => onFault(`broken: ${error}`));
  };
  await runBatches(
    {
      name: "server",
      async send(quota) {
        const work = async () => {
          while (counters.mutated < quota && faults.length === 0) await attack();
        };
        await Promise.all(Array.from({ length: workerCount }, work));
      },
      check: () => assertServes(port, limitMs).catch((error: unknown) => note(`broken: ${error}`)),
      measure: () => target.send({ ask: "measure" }),
    },
    options,
    result,
  );
  // Faults that no connection shows are told now.
  if (faults.length > 0) await target.send({ ask: "measure" });
  await target.close(limitMs);
  return result;
}

/** Throws unless calls on a new connection are answered as they should. */
async function assertServes(port: number, timeoutMs: number): Promise<void> {
  const peer = await RawPeer.connect(port, { timeoutMs });
  try {
    await handshake(peer);
    await playScript(peer, [request(1), emptyResponse(1), request(3), emptyResponse(3)]);
  } finally {
    peer.destroy();
  }
}
