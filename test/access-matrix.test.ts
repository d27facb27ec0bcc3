import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { after, before, describe, it } from "node:test";
import type { DescService } from "@bufbuild/protobuf";
import { EventService } from "@plaza/contract/kit/v1/events";
import { Access } from "@plaza/contract/kit/v1/options";
import { createAuthenticator } from "@plaza/kit/identity/authenticator";
import fc from "fast-check";
import { serviceNames } from "../apps/cli/services.ts";
import { accessCases } from "./base/access-cases.ts";
import {
  type AccessPath,
  accessOf,
  type CallerKind,
  callerKinds,
  createAccessPath,
  findMismatches,
} from "./base/access-path.ts";
import { routeOf } from "./base/api-request.ts";
import { runCli } from "./base/cli.ts";
import { contracts } from "./base/contracts.ts";
import { newSeededDataDir, removeDataDir } from "./base/data-dir.ts";
import {
  createGrpcClient,
  createRestProtocolClient,
  createWebClients,
  type SingleRequestMethod,
} from "./base/protocol-clients.ts";
import { isDefaultPlacement, type RunningPlaza, startPlaza } from "./base/running-plaza.ts";

const serviceKey = randomBytes(32).toString("hex");

/** In placements other than the default one, each method has one caller in each protocol, drawn by this seed. */
const seed = Number(process.env["PLAZA_TEST_SEED"] ?? randomInt(2 ** 31));
const callersPerClient = isDefaultPlacement ? callerKinds.length : 1;

describe("the access matrix", () => {
  const running: RunningPlaza[] = [];
  const dataDir = newSeededDataDir();
  const paths: AccessPath[] = [];
  let cellCount = 0;

  before(async () => {
    paths.push(...(await Promise.all([startOutside(), startInside()])));
  });
  after(async () => {
    for (const client of paths.flatMap(({ clients }) => clients)) client.close();
    await Promise.all(running.map((plaza) => plaza.stop()));
    await removeDataDir(dataDir);
  });

  const methods = [...contracts, EventService].flatMap(({ methods }) => methods);
  for (const [index, method] of (methods as SingleRequestMethod[]).entries()) {
    it(`matches the contract of ${method.parent.name}.${method.name}`, async () => {
      const accessCase = accessCases[methodPath(method)];
      assert.ok(accessCase, `${methodPath(method)} is not in test/base/access-cases.ts`);
      const drawn = drawCallers(index);
      const mismatches = await Promise.all(
        paths.map((path) =>
          findMismatches(method, accessCase, path, () => {
            const callers = isDefaultPlacement ? callerKinds : drawn.splice(0, 1);
            cellCount += callers.length;
            return callers;
          }),
        ),
      );
      assert.deepEqual(mismatches.flat(), []);
    });
  }

  it("has no case for a method that does not exist", () => {
    assert.deepEqual(Object.keys(accessCases).sort(), methods.map(methodPath).sort());
  });

  it("has no REST route for a method of services", () => {
    const internal = methods.filter((method) => accessOf(method) === Access.SERVICE);
    assert.ok(internal.length > 0);
    assert.deepEqual(internal.filter(routeOf).map(methodPath), []);
  });

  it("was tried on every method over every protocol, by every caller or by one drawn", (test) => {
    const clients = paths.flatMap((path) => path.clients);
    test.diagnostic(
      `${cellCount} cells: ${methods.length} methods, ${callersPerClient} of ${callerKinds.length} callers, ` +
        `${clients.length} protocol clients${isDefaultPlacement ? "" : `; PLAZA_TEST_SEED=${seed}`}`,
    );
    const unrouted = methods.filter(
      (method) => accessOf(method) !== Access.SERVICE && !routeOf(method),
    );
    assert.equal(cellCount, methods.length * callersPerClient * clients.length);
    assert.deepEqual(unrouted, []);
  });

  async function startOutside(): Promise<AccessPath> {
    const plaza = await startPlaza();
    running.push(plaza);
    const clients = [
      createGrpcClient(plaza.url),
      createRestProtocolClient(plaza.url),
      ...createWebClients(plaza.url),
    ];
    return createAccessPath(clients, false, "forged");
  }

  async function startInside(): Promise<AccessPath> {
    await runCli(["seed"], { dataDir });
    const env = { PLAZA_GRPC_PORT: "0", PLAZA_SERVICE_KEY: serviceKey };
    const services = await startPlaza({ args: serviceNames(), dataDir, env });
    running.push(services);
    const authenticator = createAuthenticator({
      serviceKey,
      fetchJwks: async () => ({ keys: [] }),
    });
    const token = await authenticator.serviceToken("test");
    return createAccessPath([createGrpcClient(services.url)], true, token);
  }

  /** One caller for each protocol client. */
  function drawCallers(methodIndex: number): CallerKind[] {
    const numRuns = paths.flatMap(({ clients }) => clients).length;
    return fc.sample(fc.constantFrom(...callerKinds), { seed: seed + methodIndex, numRuns });
  }
});

function methodPath(method: DescService["methods"][number]): string {
  return `${method.parent.typeName}/${method.name}`;
}
