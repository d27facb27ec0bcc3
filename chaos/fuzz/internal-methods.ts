import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { type DescMethodUnary, getOption } from "@bufbuild/protobuf";
import { EventService } from "@plaza/contract/kit/v1/events";
import { Access, policy } from "@plaza/contract/kit/v1/options";
import { createAuthenticator, serviceTokenHeader } from "@plaza/kit/identity/authenticator";
import fc from "fast-check";
import { serviceNames } from "../../apps/cli/services.ts";
import { runCli } from "../../test/base/cli.ts";
import { contracts } from "../../test/base/contracts.ts";
import { newSeededDataDir, removeDataDir } from "../../test/base/data-dir.ts";
import { createFixtures } from "../../test/base/fixtures.ts";
import { createGrpcClient } from "../../test/base/protocol-clients.ts";
import { startPlaza } from "../../test/base/running-plaza.ts";
import { acquire } from "../base/cleanup.ts";
import { arbitraryMessage } from "./arbitrary-messages.ts";
import { internalErrorCodes } from "./checker.ts";
import { forEachConcurrent } from "./for-each-concurrent.ts";
import type { FuzzScale, FuzzWorkloadResult } from "./workload.ts";

const concurrency = 8;

/** Sends random messages, as a service, to the methods that only services may call and no input from outside reaches. */
export async function fuzzInternalMethods(
  cleanup: AsyncDisposableStack,
  { n, seed }: FuzzScale,
): Promise<Omit<FuzzWorkloadResult, "outcomes">> {
  const serviceKey = randomBytes(32).toString("hex");
  const client = createGrpcClient(await startServices(cleanup, serviceKey));
  cleanup.defer(() => client.close());
  const { serviceToken } = createAuthenticator({
    serviceKey,
    fetchJwks: async () => ({ keys: [] }),
  });
  const { owner, postId } = await createFixtures(client).createOwner();
  const known = [owner.id, owner.nickname, owner.accessToken, postId, "users"];
  const methods = [...contracts, EventService]
    .flatMap((contract) => contract.methods)
    .filter((method) => getOption(method, policy).access === Access.SERVICE) as DescMethodUnary[];
  const failures: string[] = [];
  for (const method of methods) {
    const headers = { [serviceTokenHeader]: await serviceToken("fuzz") };
    const sample = fc.sample(arbitraryMessage(method.input, known), { numRuns: n, seed });
    await forEachConcurrent(sample, concurrency, async (message) => {
      const { code } = await client.call(method, withShortWait(message), headers);
      if (internalErrorCodes.has(code))
        failures.push(`${method.name} ${code}: ${JSON.stringify(message, printable)}`);
    });
  }
  return { targets: methods.length, inputs: methods.length * n, failures };
}

/** Starts all services without the gateway, on the demo data; returns their address. */
async function startServices(cleanup: AsyncDisposableStack, serviceKey: string): Promise<string> {
  const dataDir = newSeededDataDir();
  cleanup.defer(() => removeDataDir(dataDir));
  if (readdirSync(dataDir).length === 0) {
    const seed = () => runCli(["seed"], { dataDir });
    await acquire(cleanup, seed, async () => {});
  }
  const env = { PLAZA_GRPC_PORT: "0", PLAZA_SERVICE_KEY: serviceKey, PLAZA_LOG_LEVEL: "warn" };
  const start = () => startPlaza({ args: serviceNames(), dataDir, env });
  const { url } = await acquire(cleanup, start, (one) => one.stop());
  return url;
}

function withShortWait<T extends object>(message: T): T {
  return "waitMs" in message
    ? { ...message, waitMs: Math.min(1, Number(message.waitMs)) }
    : message;
}

function printable(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
