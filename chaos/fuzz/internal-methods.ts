import { randomBytes } from "node:crypto";
import { type DescMethodUnary, getOption } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { EventService } from "@plaza/contract/kit/v1/events";
import { Access, policy } from "@plaza/contract/kit/v1/options";
import { createAuthenticator, serviceTokenHeader } from "@plaza/kit/identity/authenticator";
import fc from "fast-check";
import { serviceNames } from "../../apps/cli/services.ts";
import { runCli } from "../../test/base/cli.ts";
import { contracts } from "../../test/base/contracts.ts";
import { newDataDir, removeDataDir } from "../../test/base/data-dir.ts";
import { createFixtures } from "../../test/base/fixtures.ts";
import { createGrpcClient } from "../../test/base/protocol-clients.ts";
import { startPlaza } from "../../test/base/running-plaza.ts";
import { arbitraryMessage } from "./arbitrary-messages.ts";

const internalErrorCodes = new Set<Code | "ok">([
  Code.Unknown,
  Code.Internal,
  Code.DataLoss,
  Code.Unavailable,
]);

/**
 * Sends random messages, as a service does, to the methods that only services may call and that no
 * input from outside reaches. Answers how many, and those that met a bug.
 */
export async function fuzzInternalMethods(
  n: number,
  seed: number,
): Promise<{ targets: number; inputs: number; bad: string[] }> {
  const serviceKey = randomBytes(32).toString("hex");
  const dataDir = newDataDir();
  await runCli(["seed"], { dataDir });
  const env = { PLAZA_GRPC_PORT: "0", PLAZA_SERVICE_KEY: serviceKey, PLAZA_LOG_LEVEL: "warn" };
  const running = await startPlaza({ args: serviceNames(), dataDir, env });
  const door = createGrpcClient(running.url);
  const identity = createAuthenticator({ serviceKey, fetchJwks: async () => ({ keys: [] }) });
  const bad: string[] = [];
  const methods = [...contracts, EventService]
    .flatMap((contract) => contract.methods)
    .filter((method) => getOption(method, policy).access === Access.SERVICE) as DescMethodUnary[];
  try {
    const { owner, postId } = await createFixtures(door).createOwner();
    const known = [owner.id, owner.nickname, owner.accessToken, postId, "users"];
    for (const method of methods) {
      const headers = { [serviceTokenHeader]: await identity.serviceToken("fuzz") };
      for (const message of fc.sample(arbitraryMessage(method.input, known), {
        numRuns: n,
        seed,
      })) {
        const quick =
          "waitMs" in message
            ? { ...message, waitMs: Math.min(1, Number(message.waitMs)) }
            : message;
        const { code } = await door.call(method, quick, headers);
        if (internalErrorCodes.has(code))
          bad.push(`${method.name} ${code}: ${JSON.stringify(message, printable)}`);
      }
    }
    return { targets: methods.length, inputs: methods.length * n, bad };
  } finally {
    door.close();
    await running.stop();
    await removeDataDir(dataDir);
  }
}

function printable(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
