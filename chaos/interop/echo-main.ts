// A process of the soak, of an implementation from npm:
// `node echo-main.ts <stack> serve <settings>` prints its port, and serves until its input ends;
// `node echo-main.ts <stack> call <port> <settings>` makes the calls of its input, and prints how each went.
import { createInterface } from "node:readline";
import pLimit from "p-limit";
import type { CallPlan } from "./call-plan.ts";
import { connectNode } from "./connect-node.ts";
import { makePlannedCall } from "./echo-client.ts";
import type { EchoSettings, EchoStack } from "./echo-stack.ts";
import { grpcJs } from "./grpc-js.ts";
import { plazaGrpc } from "./plaza-grpc.ts";

const stacks: Readonly<Record<string, EchoStack>> = {
  "@plaza/grpc": plazaGrpc,
  "connect-node": connectNode,
  "grpc-js": grpcJs,
};

const [name = "", role, ...rest] = process.argv.slice(2);
const stack = stacks[name];
if (!stack) throw new Error(`there is no implementation ${name}`);
const settings: EchoSettings = JSON.parse(rest.at(-1) ?? "{}");
if (role === "serve") await serve(stack);
else await call(stack, Number(rest[0]));
process.exit(0);

async function serve({ serve }: EchoStack): Promise<void> {
  process.stdout.write(`${await serve(settings)}\n`);
  for await (const _ of process.stdin);
}

async function call({ connect }: EchoStack, port: number): Promise<void> {
  const plain = connect(port, settings, false);
  const gzip = connect(port, settings, true);
  const limit = pLimit(settings.concurrency ?? 1);
  const calls: Promise<void>[] = [];
  for await (const line of createInterface(process.stdin)) {
    const plan: CallPlan = JSON.parse(line);
    calls.push(
      limit(async () => {
        const outcome = await makePlannedCall(plan.gzip ? gzip : plain, plan);
        process.stdout.write(`${JSON.stringify(outcome)}\n`);
      }),
    );
  }
  await Promise.all(calls);
}
