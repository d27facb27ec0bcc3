import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import {
  AccountClosedSchema,
  RolesChangedSchema,
  SessionsEndedSchema,
} from "@plaza/contract/auth/v1/events";
import { minuteMs } from "./domain/time.ts";
import { goodPassword, type TestMember, testAuth } from "./testing/test-auth.ts";
import { grantAdmin } from "./use-cases/grant-admin.ts";

describe("auth publishes", () => {
  const auth = testAuth();
  const nobody = () => auth.plaza.client(AuthService);

  /** What was published about an account: ended sessions, roles, or that it was closed. */
  async function eventsOf({ id }: TestMember): Promise<unknown[]> {
    const rows = await auth.plaza.db("auth")<{ type: string; payload: Uint8Array }[]>`
      select type, payload from event where aggregate_id = ${id} order by sequence`;
    return rows.map(({ type, payload }) => {
      if (type === AccountClosedSchema.typeName) return "closed";
      if (type === RolesChangedSchema.typeName)
        return fromBinary(RolesChangedSchema, payload).roles;
      return fromBinary(SessionsEndedSchema, payload).sessionIds.toSorted();
    });
  }

  /** Signs in once more; returns the new session's id and tokens. */
  async function signIn({ email: login }: TestMember) {
    const tokens = await nobody().login({ login, password: goodPassword });
    const { sessionId } = await nobody().introspect({ token: tokens.accessToken });
    return { ...tokens, sessionId };
  }

  it("the session that ends at logout, once, by access token, refresh token and id", async () => {
    const member = await auth.newMember();
    const [byToken, byId] = [await signIn(member), await signIn(member)];
    for (let times = 0; times < 2; times += 1) {
      await nobody().logout({ refreshToken: byToken.refreshToken });
    }
    await member.client.deleteSession({ id: byId.sessionId });
    await member.client.logout({});
    const ended = [byToken.sessionId, byId.sessionId, member.sessionId].map((id) => [id]);
    assert.deepEqual(await eventsOf(member), ended);
  });

  it("the session whose refresh token is used twice", async () => {
    const member = await auth.newMember();
    const { refreshToken } = member.tokens;
    const { refreshToken: next } = await nobody().refresh({ refreshToken });
    await nobody().refresh({ refreshToken: next });
    await assert.rejects(nobody().refresh({ refreshToken }));
    assert.deepEqual(await eventsOf(member), [[member.sessionId]]);
  });

  it("the other sessions when the password changes, without those long unused", async () => {
    const member = await auth.newMember();
    await signIn(member);
    auth.advanceClock(20 * minuteMs);
    const recent = [await signIn(member), await signIn(member)].map(({ sessionId }) => sessionId);
    const change = { currentPassword: goodPassword, newPassword: "another battery 8" };
    await member.client.changePassword(change);
    assert.deepEqual(await eventsOf(member), [recent.toSorted()]);
  });

  it("all sessions of a deactivated account, changes of roles, and closed accounts", async () => {
    const admin = await auth.newAdmin();
    const member = await auth.newMember();
    const { id } = member;
    const { sessionId } = await signIn(member);
    for (let times = 0; times < 2; times += 1) await admin.client.grantRole({ id, role: "admin" });
    await admin.client.revokeRole({ id, role: "admin" });
    await admin.client.deactivateAccount({ id });
    await admin.client.reactivateAccount({ id });
    for (let times = 0; times < 2; times += 1)
      await grantAdmin(auth.plaza.db("auth"), member.email);
    await auth.plaza.client(AuthService, { service: "users" }).closeAccount({ id });
    assert.deepEqual(await eventsOf(member), [
      ["member", "admin"],
      ["member"],
      [member.sessionId, sessionId].sort(),
      ["member", "admin"],
      "closed",
    ]);
  });
});
