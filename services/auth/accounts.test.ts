import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { AccountState, AuthService } from "@plaza/contract/auth/v1/auth";
import { AccountClosedSchema } from "@plaza/contract/auth/v1/events";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { goodPassword as password, type TestMember, testAuth } from "./testing/test-auth.ts";

const missing = "01890a5d-ac96-774b-bcce-b302099a8057";

describe("roles and states of accounts", () => {
  const auth = testAuth();
  const { plaza } = auth;
  const nobody = () => plaza.client(AuthService);
  const service = () => plaza.client(AuthService, { service: "users" });
  const admins = async () => {
    const [row] = await plaza.db("auth")<[{ count: number }]>`
      select count(*)::int as count from account where 'admin' = any (roles) and state = 'active'`;
    return row.count;
  };

  beforeEach(() => plaza.db("auth")`update account set roles = '{member}'`);

  it("are read by their owner, by id and as me", async () => {
    const { id, email, client } = await auth.newMember();
    for (const name of [id, id.toUpperCase(), "me"]) {
      const account = await client.getAccount({ id: name });
      assert.equal(account.id, id);
      assert.equal(account.email, email);
      assert.deepEqual(account.roles, ["member"]);
      assert.equal(account.state, AccountState.ACTIVE);
    }
  });

  it("are read as the current one, which a visitor has not", async () => {
    const { id, client } = await auth.newMember();
    assert.deepEqual((await client.getCurrentAccount({})).account, await client.getAccount({ id }));
    assert.equal((await nobody().getCurrentAccount({})).account, undefined);
  });

  it("are hidden from other members, who get the error for a missing one", async () => {
    const [one, other] = [await auth.newMember(), await auth.newMember()];
    for (const id of [one.id, missing]) {
      const call = other.client.getAccount({ id });
      await assertRefused(call, Code.PermissionDenied, "NOT_YOUR_ACCOUNT");
    }
  });

  it("are read by an admin, one or many, in the order of the request", async () => {
    const [admin, one, two] = [
      await auth.newAdmin(),
      await auth.newMember(),
      await auth.newMember(),
    ];
    assert.equal((await admin.client.getAccount({ id: one.id })).email, one.email);
    const call = admin.client.getAccount({ id: missing });
    await assertRefused(call, Code.NotFound, "NO_SUCH_ACCOUNT");
    const ids = [two.id, missing, one.id.toUpperCase(), two.id];
    const { accounts } = await admin.client.batchGetAccounts({ ids });
    assert.deepEqual(
      accounts.map(({ id }) => id),
      [two.id, one.id, two.id],
    );
  });

  it("FilterActiveAccounts is for services only", async () => {
    const [admin, one, barred] = [
      await auth.newAdmin(),
      await auth.newMember(),
      await auth.newMember(),
    ];
    await admin.client.deactivateAccount({ id: barred.id });
    const ids = [barred.id, one.id.toUpperCase(), missing, admin.id];
    const active = await service().filterActiveAccounts({ ids });
    assert.deepEqual(active.ids, [one.id, admin.id]);
    const call = admin.client.filterActiveAccounts({ ids });
    await assertRefused(call, Code.PermissionDenied, "SERVICE_ONLY");
  });

  it("are changed by admins only", async () => {
    const { id, client } = await auth.newMember();
    const calls = [
      () => client.grantRole({ id, role: "admin" }),
      () => client.revokeRole({ id, role: "admin" }),
      () => client.deactivateAccount({ id }),
      () => client.reactivateAccount({ id }),
      () => client.batchGetAccounts({ ids: [id] }),
    ];
    for (const call of calls) await assertRefused(call(), Code.PermissionDenied, "ROLE_REQUIRED");
    const closing = client.closeAccount({ id });
    await assertRefused(closing, Code.PermissionDenied, "SERVICE_ONLY");
  });

  it("cannot be changed by a caller who has lost the role since the token was issued", async () => {
    const [admin, other, member] = [
      await auth.newAdmin(),
      await auth.newAdmin(),
      await auth.newMember(),
    ];
    await other.client.revokeRole({ id: admin.id, role: "admin" });
    for (const { id } of [admin, member]) {
      const call = admin.client.grantRole({ id, role: "admin" });
      await assertRefused(call, Code.PermissionDenied, "ROLE_REQUIRED");
    }
    await other.client.logout({});
    const call = other.client.grantRole({ id: member.id, role: "admin" });
    await assertRefused(call, Code.Unauthenticated, "INVALID_SESSION");
  });

  it("take effect on the next token", async () => {
    const [admin, { id, tokens }] = [await auth.newAdmin(), await auth.newMember()];
    const rolesNow = async () => {
      const gateway = plaza.client(AuthService, { service: "gateway" });
      const { accessToken } = await gateway.resolveSession({ credential: tokens.accessToken });
      return JSON.parse(atob(accessToken.split(".")[1] ?? "")).roles;
    };
    const granted = await admin.client.grantRole({ id, role: "admin" });
    assert.deepEqual(granted.roles, ["member", "admin"]);
    assert.deepEqual(await rolesNow(), ["member", "admin"]);
    const again = await admin.client.grantRole({ id, role: "admin" });
    assert.deepEqual(again.roles, ["member", "admin"]);
    await admin.client.revokeRole({ id, role: "admin" });
    assert.deepEqual(await rolesNow(), ["member"]);
  });

  it("cannot be changed for an unknown account", async () => {
    const { client } = await auth.newAdmin();
    const calls = [
      () => client.grantRole({ id: missing, role: "admin" }),
      () => client.revokeRole({ id: missing, role: "admin" }),
      () => client.deactivateAccount({ id: missing }),
      () => client.reactivateAccount({ id: missing }),
    ];
    for (const call of calls) await assertRefused(call(), Code.NotFound, "NO_SUCH_ACCOUNT");
  });

  it("a deactivated account cannot do anything until it is reactivated", async () => {
    const [admin, member] = [await auth.newAdmin(), await auth.newMember()];
    const { id, email, tokens } = member;
    const { state } = await admin.client.deactivateAccount({ id });
    assert.equal(state, AccountState.DEACTIVATED);
    assert.equal((await nobody().introspect({ token: tokens.accessToken })).active, false);
    const refresh = nobody().refresh({ refreshToken: tokens.refreshToken });
    await assertRefused(refresh, Code.Unauthenticated, "INVALID_REFRESH_TOKEN");
    const login = () => nobody().login({ login: email, password });
    await assertRefused(login(), Code.PermissionDenied, "ACCOUNT_DEACTIVATED");

    await admin.client.reactivateAccount({ id });
    await login();
    const before = await nobody().introspect({ token: tokens.accessToken });
    assert.equal(before.active, false, "what had ended stays so");
  });

  it("never leave Plaza without an admin", async () => {
    const admin = await auth.newAdmin();
    const { id } = admin;
    const calls = [
      () => admin.client.revokeRole({ id, role: "admin" }),
      () => admin.client.deactivateAccount({ id }),
      () => service().closeAccount({ id }),
    ];
    for (const call of calls) await assertRefused(call(), Code.FailedPrecondition, "LAST_ADMIN");
    await admin.client.getAccount({ id });
  });

  it("do not count a deactivated admin as the remaining one", async () => {
    const [admin, other] = [await auth.newAdmin(), await auth.newAdmin()];
    await admin.client.deactivateAccount({ id: other.id });
    const call = admin.client.revokeRole({ id: admin.id, role: "admin" });
    await assertRefused(call, Code.FailedPrecondition, "LAST_ADMIN");
    await service().closeAccount({ id: other.id });
  });

  it("leave one admin when all resign at once", async () => {
    const resign = [
      ({ id, client }: TestMember) => client.revokeRole({ id, role: "admin" }),
      ({ id, client }: TestMember) => client.deactivateAccount({ id }),
      ({ id }: TestMember) => service().closeAccount({ id }),
    ];
    const members: TestMember[] = [];
    for (let n = 0; n < 9; n += 1) members.push(await auth.newAdmin());
    const all = members.map((admin, n) => resign[n % resign.length]?.(admin));
    const settled = await Promise.allSettled(all);
    const refusals = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    assert.equal(refusals.length, 1, String(refusals));
    assert.equal(await admins(), 1);
  });

  it("are deleted when the account is closed, which publishes one event", async () => {
    const { id, email, tokens } = await auth.newMember();
    await service().closeAccount({ id });
    await service().closeAccount({ id });
    assert.equal((await nobody().introspect({ token: tokens.accessToken })).active, false);
    const login = nobody().login({ login: email, password });
    await assertRefused(login, Code.Unauthenticated, "WRONG_CREDENTIALS");
    const events = await plaza.db("auth")<{ payload: Uint8Array }[]>`
      select payload from event where aggregate_id = ${id}`;
    const told = events.map(({ payload }) => fromBinary(AccountClosedSchema, payload).accountId);
    assert.deepEqual(told, [id]);
  });
});
