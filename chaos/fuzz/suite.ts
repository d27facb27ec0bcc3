import { readFileSync } from "node:fs";
import { Code } from "@connectrpc/connect";
import fc from "fast-check";
import { serviceNames } from "../../apps/cli/services.ts";
import { apiClient } from "../../test/base/api-client.ts";
import { contracts } from "../../test/base/contracts.ts";
import type { SingleRequestMethod } from "../../test/base/protocol-clients.ts";
import { startPlaza } from "../../test/base/running-plaza.ts";
import { createCallers, type FuzzCallers } from "./callers.ts";
import { fuzzInternalMethods } from "./internal-methods.ts";
import { arbitraryRestRequest, arbitraryRpcRequest, type FuzzRequest } from "./requests.ts";
import { createSender, type FuzzResponse, type FuzzSender } from "./sender.ts";

/** How many random inputs for each RPC and for each REST route, and from which seed. */
export type FuzzSuiteOptions = {
  readonly n: number;
  readonly seed: number;
  readonly log?: (line: string) => void;
};

/** What came of it. */
export type FuzzSuiteResult = {
  readonly targets: number;
  readonly inputs: number;
  /** Answers that a correct server never gives, with their inputs. */
  readonly failures: readonly string[];
  /** How often each outcome came, by protocol: a fuzzer that only meets refusals proves little. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Resident memory of the process at the end, in bytes. */
  readonly memoryBytes: number;
};

const concurrency = 8;

/** What tells of the inside: files, stacks, statements, drivers, tables. */
const internalsPattern = new RegExp(
  String.raw`node_modules|file:\/\/|\.ts:\d|\n +at |PostgresError|syntax error at|relation "|violates|ECONN|password_hash` +
    `|plaza_(${serviceNames().join("|")})`,
);

const internalErrorCodes = new Set<Code | undefined>([
  Code.Unknown,
  Code.Internal,
  Code.DataLoss,
  Code.Unavailable,
  Code.DeadlineExceeded,
]);

/**
 * Sends random requests to every RPC and every REST route of a running Plaza, as nobody, as a member and
 * as an admin in turn, and random messages to the methods of services, and notes every answer that
 * admits a bug or shows the inside.
 */
export async function runFuzzSuite({
  n,
  seed,
  log = () => {},
}: FuzzSuiteOptions): Promise<FuzzSuiteResult> {
  const plaza = await startPlaza({ env: { PLAZA_TRUST_PROXY: "1", PLAZA_LOG_LEVEL: "warn" } });
  const sender = createSender(plaza.url);
  const failures: string[] = [];
  const outcomes: Record<string, number> = {};
  let inputs = 0;
  let targets = 0;
  try {
    const callers = await createCallers(plaza.url);
    const methods = contracts.flatMap((contract) => contract.methods) as SingleRequestMethod[];
    for (const method of methods) {
      for (const arbitrary of [
        arbitraryRpcRequest(method, callers.knownValues),
        arbitraryRestRequest(method, callers.knownValues),
      ]) {
        if (!arbitrary) continue;
        targets += 1;
        const sample = fc.sample(arbitrary, { numRuns: n, seed: seed + targets });
        inputs += sample.length;
        failures.push(...(await sendAll(sender, callers, sample, outcomes)));
      }
      log(`${method.name}: ${inputs} inputs so far, ${failures.length} bad answers`);
    }
    const inside = await fuzzInternalMethods(n, seed);
    targets += inside.targets;
    inputs += inside.inputs;
    failures.push(...inside.bad);
    log(`between services: ${inside.inputs} inputs, ${inside.bad.length} bad answers`);
    const { status } = await apiClient(plaza.url)("GET /readyz");
    if (status !== 200 || plaza.process.exitCode !== null)
      failures.push("Plaza is not up any more");
    return { targets, inputs, failures, outcomes, memoryBytes: residentBytes(plaza.process.pid) };
  } finally {
    sender.close();
    await plaza.stop();
  }
}

async function sendAll(
  sender: FuzzSender,
  callers: FuzzCallers,
  sample: readonly FuzzRequest[],
  outcomes: Record<string, number>,
): Promise<string[]> {
  const bad: string[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let turn = next++; turn < sample.length; turn = next++) {
      const input = sample[turn];
      if (!input) return;
      if (turn % 60 === 0) await callers.replaceInvalid();
      const caller = callers.callerOf(turn);
      const authorization = caller && { authorization: `Bearer ${caller.accessToken}` };
      // Each from an address of its own: limits on guesses are not what is tested here.
      const address = `10.${turn & 255}.${(turn >> 8) & 255}.${Math.floor(Math.random() * 255)}`;
      const output = await sender
        .send(input, { ...authorization, "x-forwarded-for": address })
        .catch((error: unknown) => String(error));
      const problem =
        typeof output === "string" ? `no answer: ${output}` : findFailure(input, output);
      if (problem) bad.push(`${describeRequest(input)}: ${problem}`);
      if (typeof output === "string") continue;
      const outcome = `${input.protocol} ${output.code ? Code[output.code] : output.httpStatus}`;
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return bad;
}

function findFailure(
  { isStream }: FuzzRequest,
  { httpStatus, code, text }: FuzzResponse,
): string | undefined {
  // A stream ends at the deadline that it was given: with a record, or before it began.
  if (isStream && (code === Code.DeadlineExceeded || httpStatus === 504)) return undefined;
  if (httpStatus >= 500 || httpStatus === 0) return `HTTP ${httpStatus} ${text.slice(0, 300)}`;
  if (internalErrorCodes.has(code) && code !== undefined)
    return `${Code[code]} ${text.slice(0, 300)}`;
  const isRefusal = httpStatus >= 400 || code !== undefined;
  return isRefusal && internalsPattern.test(text) ? `a leak: ${text.slice(0, 300)}` : undefined;
}

function describeRequest({ protocol, httpMethod, path, contentType, body }: FuzzRequest): string {
  const bytes = Buffer.from(body.subarray(0, 400)).toString("base64");
  return `${protocol} ${httpMethod} ${path.slice(0, 400)} ${contentType} base64:${bytes}`;
}

function residentBytes(pid: number | undefined): number {
  const [, kilobytes] =
    /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}
