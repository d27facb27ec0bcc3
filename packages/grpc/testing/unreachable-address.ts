import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { Worker } from "node:worker_threads";

/** An address at which nobody answers, not even with a refusal, as when a machine is gone. */
export type UnreachableAddress = {
  readonly address: string;
  close(): Promise<void>;
};

const connectWaitMs = 100;

// It listens, and takes nothing that comes in.
const stalledServerScript = `
  const { parentPort } = require("node:worker_threads");
  const server = require("node:net").createServer();
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });
`;

/** Listens without ever accepting, and fills the queue of connections: the system drops what comes then. */
export async function createUnreachableAddress(): Promise<UnreachableAddress> {
  const worker = new Worker(stalledServerScript, { eval: true });
  const [port] = await once(worker, "message");
  const queue: Socket[] = [];
  for (let isFull = false; !isFull; ) {
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    queue.push(socket);
    await sleep(connectWaitMs);
    await turn();
    isFull = socket.connecting;
  }
  return {
    address: `http://127.0.0.1:${port}`,
    async close() {
      for (const socket of queue) socket.destroy();
      await worker.terminate();
    },
  };
}
