import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { create, toJson } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import {
  AuthService,
  type IntrospectResponse,
  IntrospectResponseSchema,
} from "@plaza/contract/auth/v1/auth";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { minuteMs } from "./domain/time.ts";
import { testAuth, throwUnavailable } from "./testing/test-auth.ts";

describe("Introspect", () => {
  const auth = testAuth();
  const { plaza, users } = auth;
  const introspect = (token: string, ...paths: string[]) =>
    plaza
      .client(AuthService)
      .introspect({ token, ...(paths.length > 0 && { readMask: { paths } }) });
  const json = (response: IntrospectResponse) =>
    toJson(IntrospectResponseSchema, response) as Record<string, unknown>;
  const inactive = json(create(IntrospectResponseSchema));

  afterEach(() => {
    users.before = () => undefined;
  });

  it("returns the account of a token", async () => {
    const { id, nickname, sessionId, tokens } = await auth.newMember();
    const { expireTime, ...rest } = json(await introspect(tokens.accessToken));
    assert.deepEqual(rest, {
      active: true,
      accountId: id,
      sessionId,
      roles: ["member"],
      nickname,
    });
    const leftMs = Date.parse(String(expireTime)) - Date.now();
    assert.ok(leftMs > 9 * minuteMs && leftMs <= 10 * minuteMs);
  });

  it("returns the fields of the mask and whether the token is active", async () => {
    const { id, tokens } = await auth.newMember();
    users.before = () => throwUnavailable(); // without the nickname in the mask, users is not called
    const response = await introspect(tokens.accessToken, "account_id");
    assert.deepEqual(json(response), { active: true, accountId: id });
  });

  it("refuses a mask that names no field", async () => {
    const { tokens } = await auth.newMember();
    const call = introspect(tokens.accessToken, "password");
    await assertRefused(call, Code.InvalidArgument, "UNKNOWN_FIELD_PATH");
  });

  it("returns inactive once the session has ended", async () => {
    const { client, tokens } = await auth.newMember();
    await client.logout({});
    assert.deepEqual(json(await introspect(tokens.accessToken)), inactive);
  });

  it("returns inactive for expired, foreign and invalid tokens", async () => {
    auth.advanceClock(-11 * minuteMs);
    const { tokens } = await auth.newMember();
    auth.advanceClock(11 * minuteMs);
    for (const token of [tokens.accessToken, tokens.refreshToken, "x", "a.b.c", "ä.ö.ü"]) {
      assert.deepEqual(json(await introspect(token)), inactive);
    }
  });
});

describe("FilterLiveSessions", () => {
  const auth = testAuth();
  const gateway = () => auth.plaza.client(AuthService, { service: "gateway" });

  it("leaves out sessions that have ended, and those of accounts that may not sign in", async () => {
    const [live, ended, barred] = [
      await auth.newMember(),
      await auth.newMember(),
      await auth.newMember(),
    ];
    const ids = [live, ended, barred].map(({ sessionId }) => sessionId);
    const filtered = async () => (await gateway().filterLiveSessions({ ids })).ids.toSorted();
    assert.deepEqual(await filtered(), ids.toSorted());
    await ended.client.logout({});
    await (await auth.newAdmin()).client.deactivateAccount({ id: barred.id });
    assert.deepEqual(await filtered(), [live.sessionId]);
  });
});
