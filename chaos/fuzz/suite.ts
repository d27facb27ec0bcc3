import { readFileSync } from "node:fs";
import { apiClient } from "../../test/base/api-client.ts";
import { newSeededDataDir, removeDataDir } from "../../test/base/data-dir.ts";
import { startPlaza } from "../../test/base/running-plaza.ts";
import { acquire, withCleanup } from "../base/cleanup.ts";
import { createCallers } from "./callers.ts";
import { fuzzInternalMethods } from "./internal-methods.ts";
import { createSender } from "./sender.ts";
import { type FuzzScale, type FuzzWorkloadResult, runWorkload } from "./workload.ts";

/** Options of the suite. */
export type FuzzSuiteOptions = FuzzScale & { readonly log?: (line: string) => void };

/** Result of the run. */
export type FuzzSuiteResult = FuzzWorkloadResult & {
  /** Resident memory of the process at the end, in bytes. */
  readonly memoryBytes: number;
};

/**
 * Sends random requests to every public method and every REST route of a running Plaza, and at the same time random
 * messages to the internal methods of another; collects every response that admits a bug or leaks internals.
 */
export function runFuzzSuite(options: FuzzSuiteOptions): Promise<FuzzSuiteResult> {
  return withCleanup(async (cleanup) => {
    const [outside, inside] = await Promise.all([
      fuzzPublicMethods(cleanup, options),
      fuzzInternalMethods(cleanup, options),
    ]);
    options.log?.(`internal methods: ${inside.inputs} inputs, ${inside.failures.length} failures`);
    return {
      ...outside,
      targets: outside.targets + inside.targets,
      inputs: outside.inputs + inside.inputs,
      failures: [...outside.failures, ...inside.failures],
    };
  });
}

async function fuzzPublicMethods(
  cleanup: AsyncDisposableStack,
  { log = () => {}, ...scale }: FuzzSuiteOptions,
): Promise<FuzzSuiteResult> {
  const dataDir = newSeededDataDir();
  cleanup.defer(() => removeDataDir(dataDir));
  const env = { PLAZA_TRUST_PROXY: "1", PLAZA_LOG_LEVEL: "warn" };
  const start = () => startPlaza({ dataDir, env });
  const plaza = await acquire(cleanup, start, (one) => one.stop());
  const sender = createSender(plaza.url);
  cleanup.defer(() => sender.close());
  const result = await runWorkload(sender, await createCallers(plaza.url), scale, log);
  const { status } = await apiClient(plaza.url)("GET /readyz");
  const isUp = status === 200 && plaza.process.exitCode === null;
  const failures = isUp ? result.failures : [...result.failures, "Plaza is not up any more"];
  return { ...result, failures, memoryBytes: residentBytes(plaza.process.pid) };
}

function residentBytes(pid: number | undefined): number {
  const [, kilobytes] =
    /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}
