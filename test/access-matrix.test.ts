import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { create, type DescService, getOption } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { EventService } from "@plaza/contract/kit/v1/events";
import { Access, policy } from "@plaza/contract/kit/v1/options";
import { createAuthenticator, serviceTokenHeader } from "@plaza/kit/identity/authenticator";
import { serviceNames } from "../apps/cli/services.ts";
import { type AccessCase, accessCases } from "./base/access-cases.ts";
import { routeOf } from "./base/api-request.ts";
import { runCli } from "./base/cli.ts";
import { contracts } from "./base/contracts.ts";
import { newDataDir, removeDataDir } from "./base/data-dir.ts";
import {
  type AccessScenario,
  authorizationHeaders,
  createFixtures,
  type Fixtures,
  type TestUser,
} from "./base/fixtures.ts";
import {
  createGrpcClient,
  createRestProtocolClient,
  createWebClients,
  type ProtocolClient,
  type ProtocolOutcome,
  type SingleRequestMethod,
} from "./base/protocol-clients.ts";
import { placementArgs, type RunningPlaza, startPlaza } from "./base/running-plaza.ts";

const callerKinds = ["nobody", "member", "owner", "other", "admin", "service"] as const;

type CallerKind = (typeof callerKinds)[number];

/** A way in from which callers come: from outside, or from another process of Plaza. */
type AccessPath = {
  readonly clients: readonly ProtocolClient[];
  readonly isInternal: boolean;
  readonly fixtures: Fixtures;
  /** Who and what the calls are about; whoever was used up by a call is replaced. */
  scenario: Omit<AccessScenario, "caller">;
  /** The header by which a service makes itself known; from outside a forged one. */
  readonly serviceToken: string;
};

const serviceKey = randomBytes(32).toString("hex");
let cellCount = 0;

describe("access", () => {
  const running: RunningPlaza[] = [];
  const dataDir = newDataDir();
  const sides: AccessPath[] = [];

  before(async () => {
    const edge = await startPlaza({ args: placementArgs });
    running.push(edge);
    const doors = [
      createGrpcClient(edge.url),
      createRestProtocolClient(edge.url),
      ...createWebClients(edge.url),
    ];
    sides.push(await createAccessPath(doors, false, "forged"));

    await runCli(["seed"], { dataDir });
    const env = { PLAZA_GRPC_PORT: "0", PLAZA_SERVICE_KEY: serviceKey };
    const services = await startPlaza({ args: serviceNames(), dataDir, env });
    running.push(services);
    const identity = createAuthenticator({ serviceKey, fetchJwks: async () => ({ keys: [] }) });
    sides.push(
      await createAccessPath(
        [createGrpcClient(services.url)],
        true,
        await identity.serviceToken("test"),
      ),
    );
  });
  after(async () => {
    for (const door of sides.flatMap(({ clients }) => clients)) door.close();
    await Promise.all(running.map((one) => one.stop()));
    await removeDataDir(dataDir);
  });

  const methods = [...contracts, EventService].flatMap(({ methods }) => methods);
  for (const method of methods as SingleRequestMethod[]) {
    it(`to ${method.parent.name}.${method.name} is as its contract says`, async () => {
      const fixture = accessCases[methodPath(method)];
      assert.ok(fixture, `${methodPath(method)} is not in test/access-fixtures.ts`);
      assert.deepEqual(await mismatches(method, fixture, sides), []);
    });
  }

  it("is listed for no method that does not exist", () => {
    assert.deepEqual(Object.keys(accessCases).sort(), methods.map(methodPath).sort());
  });

  it("of services has no route in REST", () => {
    const internal = methods.filter((method) => accessOf(method) === Access.SERVICE);
    assert.ok(internal.length > 0);
    assert.deepEqual(internal.filter(routeOf).map(methodPath), []);
  });

  it("was tried by every caller, on every method, through every door", (test) => {
    const doors = sides.flatMap((one) => one.clients);
    test.diagnostic(
      `${cellCount} cells: ${methods.length} methods, ${callerKinds.length} callers, ${doors.length} doors`,
    );
    const unrouted = methods.filter(
      (method) => accessOf(method) !== Access.SERVICE && !routeOf(method),
    );
    assert.equal(cellCount, methods.length * callerKinds.length * doors.length);
    assert.deepEqual(unrouted, []);
  });
});

async function createAccessPath(
  clients: ProtocolClient[],
  isInternal: boolean,
  serviceToken: string,
): Promise<AccessPath> {
  const [door] = clients;
  assert.ok(door);
  const makes = createFixtures(door);
  const [belongings, { owner: other }] = [await makes.createOwner(), await makes.createOwner()];
  const scenario = {
    ...belongings,
    other,
    member: await makes.createMember(),
    admin: await makes.signInAdmin(),
    friend: await makes.sharedFriend(),
  };
  return { clients, isInternal, fixtures: makes, scenario, serviceToken };
}

async function mismatches(
  method: SingleRequestMethod,
  fixture: AccessCase,
  sides: readonly AccessPath[],
): Promise<string[]> {
  const found: string[] = [];
  for (const one of sides) {
    for (const door of one.clients) {
      for (const who of callerKinds) {
        const { code } = await callAs(method, fixture, one, door, who);
        const wanted = expectedCode(method, fixture, one, who);
        cellCount += 1;
        if (code === wanted) continue;
        const place = one.isInternal ? "inside" : "outside";
        found.push(
          `${who} over ${door.protocol} from ${place}: ${codeName(code)}, not ${codeName(wanted)}`,
        );
      }
    }
  }
  return found;
}

async function callAs(
  method: SingleRequestMethod,
  fixture: AccessCase,
  side: AccessPath,
  door: ProtocolClient,
  who: CallerKind,
): Promise<ProtocolOutcome> {
  const caller: TestUser | undefined =
    who === "nobody" || who === "service" ? undefined : side.scenario[who];
  const request = create(method.input, fixture.request({ ...side.scenario, caller }));
  const service = who === "service" ? { [serviceTokenHeader]: side.serviceToken } : {};
  const outcome = await door.call(method, request, { ...authorizationHeaders(caller), ...service });
  if (outcome.code === "ok") await replaceConsumed(side, fixture);
  return outcome;
}

async function replaceConsumed(side: AccessPath, { consumes }: AccessCase): Promise<void> {
  const { scenario, fixtures } = side;
  if (consumes === "owner") side.scenario = { ...scenario, ...(await fixtures.createOwner()) };
  if (consumes === "post")
    side.scenario = { ...scenario, postId: await fixtures.createPost(scenario.owner) };
}

/** What the policy in the contract and the rule of the fixture come to. */
function expectedCode(
  method: SingleRequestMethod,
  { rule }: AccessCase,
  { isInternal }: AccessPath,
  who: CallerKind,
): ProtocolOutcome["code"] {
  const access = accessOf(method);
  if (access === Access.SERVICE) {
    if (!isInternal) return Code.Unimplemented;
    return who === "service" ? "ok" : Code.PermissionDenied;
  }
  if (access === Access.PUBLIC) return "ok";
  if (who === "nobody" || who === "service") return Code.Unauthenticated;
  if (access === Access.ROLE) return who === "admin" ? "ok" : Code.PermissionDenied;
  if (!rule || who === "owner") return "ok";
  if (rule === "owner") return Code.NotFound;
  return who === "admin" ? "ok" : Code.PermissionDenied;
}

function accessOf(method: DescService["methods"][number]): Access {
  return getOption(method, policy).access;
}

function methodPath(method: DescService["methods"][number]): string {
  return `${method.parent.typeName}/${method.name}`;
}

function codeName(code: ProtocolOutcome["code"]): string {
  return code === "ok" ? "ok" : Code[code];
}
