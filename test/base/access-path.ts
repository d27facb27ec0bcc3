import assert from "node:assert/strict";
import { create, type DescService, getOption } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import type { SignInResponse } from "@plaza/contract/auth/v1/auth";
import { Access, policy } from "@plaza/contract/kit/v1/options";
import { serviceTokenHeader } from "@plaza/kit/identity/authenticator";
import type { AccessCase } from "./access-cases.ts";
import {
  type AccessScenario,
  authorizationHeaders,
  createFixtures,
  type Fixtures,
} from "./fixtures.ts";
import type { ProtocolClient, ProtocolOutcome, SingleRequestMethod } from "./protocol-clients.ts";

/** The kinds of callers whose rights differ. */
export const callerKinds = ["nobody", "member", "owner", "other", "admin", "service"] as const;

export type CallerKind = (typeof callerKinds)[number];

/** A way by which calls reach a Plaza: from outside, through the gateway, or from another process of Plaza. */
export type AccessPath = {
  readonly clients: readonly ProtocolClient[];
  readonly isInternal: boolean;
  readonly fixtures: Fixtures;
  /** What the calls refer to; what a call consumes is replaced. */
  scenario: Omit<AccessScenario, "caller">;
  /** The header by which a service authenticates; outside a forged one. */
  readonly serviceToken: string;
};

/** Creates users and resources over the first client. */
export async function createAccessPath(
  clients: ProtocolClient[],
  isInternal: boolean,
  serviceToken: string,
): Promise<AccessPath> {
  const [client] = clients;
  assert.ok(client);
  const fixtures = createFixtures(client);
  const [resources, { owner: other }] = [
    await fixtures.createOwner(),
    await fixtures.createOwner(),
  ];
  const scenario = {
    ...resources,
    other,
    member: await fixtures.createMember(),
    admin: await fixtures.signInAdmin(),
    friend: await fixtures.sharedFriend(),
  };
  return { clients, isInternal, fixtures, scenario, serviceToken };
}

/** Calls a method over each client as each of the callers given; returns one line for each unexpected code. */
export async function findMismatches(
  method: SingleRequestMethod,
  accessCase: AccessCase,
  path: AccessPath,
  callersOf: (client: ProtocolClient) => readonly CallerKind[],
): Promise<string[]> {
  const { scenario, fixtures } = path;
  const mismatches: string[] = [];
  if (accessCase.consumes === "account") {
    path.scenario = { ...scenario, owner: await fixtures.createAccount() };
  }
  for (const client of path.clients) {
    for (const kind of callersOf(client)) {
      const { code } = await callAs(kind, method, accessCase, path, client);
      const expected = expectedCode(kind, method, accessCase, path);
      if (code === expected) continue;
      const side = path.isInternal ? "inside" : "outside";
      mismatches.push(
        `${kind} over ${client.protocol} from ${side}: ${codeName(code)}, not ${codeName(expected)}`,
      );
    }
  }
  // What these calls leave behind is an owner without the resources.
  if (accessCase.consumes === "account") path.scenario = scenario;
  return mismatches;
}

async function callAs(
  kind: CallerKind,
  method: SingleRequestMethod,
  accessCase: AccessCase,
  path: AccessPath,
  client: ProtocolClient,
): Promise<ProtocolOutcome> {
  const caller = kind === "nobody" || kind === "service" ? undefined : path.scenario[kind];
  const request = create(method.input, accessCase.request({ ...path.scenario, caller }));
  const service = kind === "service" ? { [serviceTokenHeader]: path.serviceToken } : {};
  const outcome = await client.call(method, request, {
    ...authorizationHeaders(caller),
    ...service,
  });
  if (outcome.code === "ok") await replaceConsumed(path, accessCase, outcome);
  return outcome;
}

async function replaceConsumed(
  path: AccessPath,
  { consumes }: AccessCase,
  { message }: ProtocolOutcome,
): Promise<void> {
  const { scenario, fixtures } = path;
  const { owner } = scenario;
  switch (consumes) {
    case "refresh token": {
      const { accessToken, refreshToken } = message as SignInResponse;
      path.scenario = { ...scenario, owner: { ...owner, accessToken, refreshToken } };
      break;
    }
    case "session":
      path.scenario = { ...scenario, owner: await fixtures.signInAgain(owner) };
      break;
    case "account":
      path.scenario = { ...scenario, owner: await fixtures.createAccount() };
      break;
    case "post":
      path.scenario = { ...scenario, postId: await fixtures.createPost(owner) };
      break;
    case "membership":
      path.scenario = { ...scenario, ...(await fixtures.createGroup(owner)) };
  }
}

/** The code that follows from the policy in the contract and the rule of the case. */
function expectedCode(
  kind: CallerKind,
  method: SingleRequestMethod,
  { rule }: AccessCase,
  { isInternal }: AccessPath,
): ProtocolOutcome["code"] {
  const access = accessOf(method);
  if (access === Access.SERVICE) {
    if (!isInternal) return Code.Unimplemented;
    return kind === "service" ? "ok" : Code.PermissionDenied;
  }
  if (access === Access.PUBLIC) return "ok";
  if (kind === "nobody" || kind === "service") return Code.Unauthenticated;
  if (access === Access.ROLE) return kind === "admin" ? "ok" : Code.PermissionDenied;
  if (!rule || kind === "owner") return "ok";
  if (rule === "owner") return Code.NotFound;
  return kind === "admin" ? "ok" : Code.PermissionDenied;
}

/** Who may call the method, by its contract. */
export function accessOf(method: DescService["methods"][number]): Access {
  return getOption(method, policy).access;
}

function codeName(code: ProtocolOutcome["code"]): string {
  return code === "ok" ? "ok" : Code[code];
}
