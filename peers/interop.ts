import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { CaseName } from "../packages/grpc/interop/cases.ts";
import type { ServerTraits } from "../packages/grpc/interop/interop-case.ts";
import { plazaImplementation } from "../packages/grpc/interop/plaza-grpc.ts";
import { startRecordingRelay } from "../packages/grpc/interop/recording-relay.ts";
import { freePort, waitForPort } from "./ports.ts";

type Command = readonly [string, ...string[]];

const caseTimeoutMs = 20_000;

/** gRPC's cases (grpc/doc/interop-test-descriptions.md) but those of compression, which the clients do not have. */
const clientCases: readonly CaseName[] = [
  "empty_unary",
  "large_unary",
  "client_streaming",
  "server_streaming",
  "ping_pong",
  "empty_stream",
  "custom_metadata",
  "status_code_and_message",
  "special_status_message",
  "unimplemented_method",
  "unimplemented_service",
  "cancel_after_begin",
  "cancel_after_first_response",
  "timeout_on_sleeping_server",
];

/** All of gRPC's cases: a foreign server knows no others. */
const serverCases: readonly CaseName[] = [
  ...clientCases,
  "client_compressed_unary",
  "server_compressed_unary",
  "client_compressed_streaming",
  "server_compressed_streaming",
];

/** A client of another implementation, and how to run one case with it. */
export type ForeignClient = {
  readonly name: string;
  command(port: number, testCase: string): Command;
};

/** A server of another implementation, and the cases that it cannot take part in, each with the reason. */
export type ForeignServer = {
  readonly name: string;
  readonly traits: ServerTraits;
  readonly leftOut: Partial<Record<CaseName, string>>;
  command(port: number): Command;
};

/** Runs the cases of gRPC's interoperability tests with a foreign client against @plaza/grpc. */
export async function runForeignClient({ name, command }: ForeignClient): Promise<void> {
  const server = await plazaImplementation.serve();
  await runCases(`${name} to @plaza/grpc`, clientCases, async (testCase) => {
    const child = start(command(server.port, testCase));
    const timer = setTimeout(() => child.kill("SIGKILL"), caseTimeoutMs);
    const [code] = await once(child, "exit");
    clearTimeout(timer);
    if (code !== 0) throw new Error(`it exited with ${code}\n${child.printed()}`);
  });
  await server.close();
}

/** Runs our cases against a foreign server. */
export async function runForeignServer({
  name,
  traits,
  leftOut,
  command,
}: ForeignServer): Promise<void> {
  const port = await freePort();
  const server = start(command(port));
  process.once("exit", () => server.kill("SIGKILL"));
  await waitForPort(port);
  const relay = await startRecordingRelay(port);
  const client = await plazaImplementation.connect(relay.port, traits);
  const title = `@plaza/grpc to ${name}`;
  for (const [testCase, reason] of Object.entries(leftOut)) {
    console.log(`left out, ${title}: ${testCase}: ${reason}`);
  }
  await runCases(
    title,
    serverCases.filter((testCase) => leftOut[testCase] === undefined),
    (testCase) => {
      relay.takeEncodings("request");
      relay.takeEncodings("reply");
      return Promise.race([
        client.run(testCase, relay),
        sleep(caseTimeoutMs, undefined, { ref: false }).then(() => {
          throw new Error("it did not end");
        }),
      ]);
    },
  );
  await client.close();
  await relay.close();
  server.kill("SIGKILL");
}

async function runCases<C extends string>(
  title: string,
  cases: readonly C[],
  run: (testCase: C) => Promise<void>,
): Promise<void> {
  let passed = 0;
  for (const testCase of cases) {
    try {
      await run(testCase);
      passed += 1;
    } catch (error) {
      process.exitCode = 1;
      console.log(`failed, ${title}: ${testCase}: ${error}`);
    }
  }
  console.log(`${title}: ${passed} of ${cases.length} cases pass`);
}

function start([program, ...args]: Command): ChildProcess & { printed(): string } {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      printed += String(chunk);
    });
  }
  return Object.assign(child, { printed: () => printed });
}
