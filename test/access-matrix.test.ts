import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { create, type DescService, getOption } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { EventService } from "@plaza/contract/kit/v1/events";
import { Access, policy } from "@plaza/contract/kit/v1/options";
import { createAuthenticator, serviceTokenHeader } from "@plaza/kit/identity/authenticator";
import { serviceNames } from "../apps/cli/services.ts";
import { type Fixture, fixtures } from "./base/access-cases.ts";
import { routeOf } from "./base/api-request.ts";
import { plaza } from "./base/cli.ts";
import { contracts } from "./base/contracts.ts";
import { newDataDir, removeData } from "./base/data-dir.ts";
import { type Cast, cast, headersOf, type Player, type Scene } from "./base/fixtures.ts";
import {
  type Callable,
  type Door,
  grpcDoor,
  type Outcome,
  restDoor,
  webDoors,
} from "./base/protocol-clients.ts";
import { placement, type RunningPlaza, startPlaza } from "./base/running-plaza.ts";

const callers = ["nobody", "member", "owner", "other", "admin", "service"] as const;

type Who = (typeof callers)[number];

/** A way in from which callers come: from outside, or from another process of Plaza. */
type Side = {
  readonly doors: readonly Door[];
  readonly isInside: boolean;
  readonly cast: Cast;
  /** Who and what the calls are about; whoever was used up by a call is replaced. */
  people: Omit<Scene, "caller">;
  /** The header by which a service makes itself known; from outside a forged one. */
  readonly serviceToken: string;
};

const serviceKey = randomBytes(32).toString("hex");
let cells = 0;

describe("access", () => {
  const running: RunningPlaza[] = [];
  const dataDir = newDataDir();
  const sides: Side[] = [];

  before(async () => {
    const edge = await startPlaza({ args: placement });
    running.push(edge);
    const doors = [grpcDoor(edge.url), restDoor(edge.url), ...webDoors(edge.url)];
    sides.push(await side(doors, false, "forged"));

    await plaza(["seed"], { dataDir });
    const env = { PLAZA_GRPC_PORT: "0", PLAZA_SERVICE_KEY: serviceKey };
    const services = await startPlaza({ args: serviceNames(), dataDir, env });
    running.push(services);
    const identity = createAuthenticator({ serviceKey, fetchJwks: async () => ({ keys: [] }) });
    sides.push(await side([grpcDoor(services.url)], true, await identity.serviceToken("test")));
  });
  after(async () => {
    for (const door of sides.flatMap(({ doors }) => doors)) door.close();
    await Promise.all(running.map((one) => one.stop()));
    await removeData(dataDir);
  });

  const methods = [...contracts, EventService].flatMap(({ methods }) => methods);
  for (const method of methods as Callable[]) {
    it(`to ${method.parent.name}.${method.name} is as its contract says`, async () => {
      const fixture = fixtures[nameOf(method)];
      assert.ok(fixture, `${nameOf(method)} is not in test/access-fixtures.ts`);
      assert.deepEqual(await mismatches(method, fixture, sides), []);
    });
  }

  it("is listed for no method that does not exist", () => {
    assert.deepEqual(Object.keys(fixtures).sort(), methods.map(nameOf).sort());
  });

  it("of services has no route in REST", () => {
    const internal = methods.filter((method) => accessOf(method) === Access.SERVICE);
    assert.ok(internal.length > 0);
    assert.deepEqual(internal.filter(routeOf).map(nameOf), []);
  });

  it("was tried by every caller, on every method, through every door", (test) => {
    const doors = sides.flatMap((one) => one.doors);
    test.diagnostic(
      `${cells} cells: ${methods.length} methods, ${callers.length} callers, ${doors.length} doors`,
    );
    const unrouted = methods.filter(
      (method) => accessOf(method) !== Access.SERVICE && !routeOf(method),
    );
    assert.equal(cells, methods.length * callers.length * doors.length);
    assert.deepEqual(unrouted, []);
  });
});

async function side(doors: Door[], isInside: boolean, serviceToken: string): Promise<Side> {
  const [door] = doors;
  assert.ok(door);
  const makes = cast(door);
  const [belongings, { owner: other }] = [await makes.owner(), await makes.owner()];
  const people = {
    ...belongings,
    other,
    member: await makes.member(),
    admin: await makes.admin(),
    friend: await makes.friend(),
  };
  return { doors, isInside, cast: makes, people, serviceToken };
}

async function mismatches(
  method: Callable,
  fixture: Fixture,
  sides: readonly Side[],
): Promise<string[]> {
  const found: string[] = [];
  for (const one of sides) {
    for (const door of one.doors) {
      for (const who of callers) {
        const { code } = await attempt(method, fixture, one, door, who);
        const wanted = expected(method, fixture, one, who);
        cells += 1;
        if (code === wanted) continue;
        const place = one.isInside ? "inside" : "outside";
        found.push(`${who} over ${door.protocol} from ${place}: ${say(code)}, not ${say(wanted)}`);
      }
    }
  }
  return found;
}

async function attempt(
  method: Callable,
  fixture: Fixture,
  side: Side,
  door: Door,
  who: Who,
): Promise<Outcome> {
  const caller: Player | undefined =
    who === "nobody" || who === "service" ? undefined : side.people[who];
  const request = create(method.input, fixture.request({ ...side.people, caller }));
  const service = who === "service" ? { [serviceTokenHeader]: side.serviceToken } : {};
  const outcome = await door.call(method, request, { ...headersOf(caller), ...service });
  if (outcome.code === "ok") await replace(side, fixture);
  return outcome;
}

async function replace(side: Side, { spends }: Fixture): Promise<void> {
  const { people, cast } = side;
  if (spends === "owner") side.people = { ...people, ...(await cast.owner()) };
  if (spends === "post") side.people = { ...people, postId: await cast.post(people.owner) };
}

/** What the policy in the contract and the rule of the fixture come to. */
function expected(
  method: Callable,
  { rule }: Fixture,
  { isInside }: Side,
  who: Who,
): Outcome["code"] {
  const access = accessOf(method);
  if (access === Access.SERVICE) {
    if (!isInside) return Code.Unimplemented;
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

function nameOf(method: DescService["methods"][number]): string {
  return `${method.parent.typeName}/${method.name}`;
}

function say(code: Outcome["code"]): string {
  return code === "ok" ? "ok" : Code[code];
}
