import { request } from "../testing/messages.ts";
import { Peer } from "../testing/peer.ts";
import { answered, greet, play } from "../testing/script.ts";
import { createResult, runBatches, type SideOptions, type SideResult } from "./batch-run.ts";
import { sessionRandom } from "./random.ts";
import { attackServer } from "./server-session.ts";
import { Target } from "./target-process.ts";

const workers = 16;

/** Attacks a server over many connections at once. */
export async function fuzzServer(options: SideOptions): Promise<SideResult> {
  const { seed, limitMs, plant } = options;
  const result = createResult();
  const { faults, tally } = result;
  const note = (fault: string): void => void faults.push(fault);
  const target = new Target(plant, note);
  const port = await target.ask({ ask: "serve" });
  let session = 0;
  const attack = async (): Promise<void> => {
    session += 1;
    const name = `session ${session}`;
    const random = sessionRandom(seed, session);
    const onFault = (fault: string) => note(`${name}: ${fault}`);
    const attacked = attackServer(port, { random, limitMs, tally, onFault });
    await attacked.catch((error: unknown) => onFault(`broken: ${error}`));
  };
  await runBatches(
    {
      name: "server",
      async send(quota) {
        const work = async () => {
          while (tally.mutated < quota && faults.length === 0) await attack();
        };
        await Promise.all(Array.from({ length: workers }, work));
      },
      check: () => serves(port, limitMs).catch((error: unknown) => note(`broken: ${error}`)),
      measure: () => target.ask({ ask: "measure" }),
    },
    options,
    result,
  );
  // Faults that no connection shows are told now.
  if (faults.length > 0) await target.ask({ ask: "measure" });
  await target.close(limitMs);
  return result;
}

/** Throws unless calls on a new connection are answered as they should. */
async function serves(port: number, timeoutMs: number): Promise<void> {
  const peer = await Peer.connect(port, { timeoutMs });
  try {
    await greet(peer);
    await play(peer, [request(1), answered(1), request(3), answered(3)]);
  } finally {
    peer.destroy();
  }
}
