import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { AuthService, SessionKind } from "@plaza/contract/auth/v1/auth";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import fc from "fast-check";
import { dayMs } from "./domain/time.ts";
import { goodPassword as password, testAuth, throwUnavailable } from "./testing/test-auth.ts";

describe("Refresh", () => {
  const auth = testAuth();
  const { plaza, users } = auth;
  const nobody = () => plaza.client(AuthService);
  const refresh = (refreshToken: string) => nobody().refresh({ refreshToken });
  const invalid = (token: string) =>
    assertRefused(refresh(token), Code.Unauthenticated, "INVALID_REFRESH_TOKEN");
  const reused = (token: string) =>
    assertRefused(refresh(token), Code.Unauthenticated, "REFRESH_TOKEN_REUSED");

  afterEach(() => {
    users.before = () => undefined;
  });

  it("exchanges a refresh token for a new pair of the same session", async () => {
    const { id, sessionId, tokens } = await auth.newMember();
    const next = await refresh(tokens.refreshToken);
    assert.equal(next.user?.id, id);
    assert.equal(next.expiresIn, 600);
    assert.notEqual(next.refreshToken, tokens.refreshToken);
    const seen = await nobody().introspect({ token: next.accessToken });
    assert.equal(seen.sessionId, sessionId);
    await refresh(next.refreshToken);
  });

  it("returns the same response to a retry for 10 seconds", async () => {
    const { tokens } = await auth.newMember();
    const first = await refresh(tokens.refreshToken);
    auth.advanceClock(9_000);
    const again = await refresh(tokens.refreshToken);
    assert.equal(again.refreshToken, first.refreshToken);
    auth.advanceClock(1_100);
    await reused(tokens.refreshToken);
  });

  it("ends the session when a token is used again later than that", async () => {
    const { tokens } = await auth.newMember();
    const next = await refresh(tokens.refreshToken);
    auth.advanceClock(10_100);
    await reused(tokens.refreshToken);
    await invalid(next.refreshToken);
    const seen = await nobody().introspect({ token: next.accessToken });
    assert.equal(seen.active, false);
  });

  it("treats a retry as reuse once the next token was used", async () => {
    const { tokens } = await auth.newMember();
    const next = await refresh(tokens.refreshToken);
    const last = await refresh(next.refreshToken);
    await reused(tokens.refreshToken);
    await invalid(last.refreshToken);
  });

  it("refuses an unknown refresh token, and ends no session", async () => {
    const { tokens } = await auth.newMember();
    const made = ["x", `plz_rt_${"A".repeat(86)}`, tokens.accessToken.slice(0, 200)];
    for (const token of made) await invalid(token);
    await refresh(tokens.refreshToken);
  });

  it("refuses a cookie's secret", async () => {
    const { email } = await auth.newMember();
    let cookie = "";
    await nobody().login(
      { login: email, password, session: SessionKind.COOKIE },
      { onHeader: (headers) => (cookie = headers.get("plaza-session") ?? "") },
    );
    await invalid(cookie);
    await invalid(`plz_rt_${cookie.slice(7)}${"A".repeat(43)}`);
  });

  it("expires 30 days after its last use", async () => {
    const { tokens } = await auth.newMember();
    auth.advanceClock(29 * dayMs);
    const next = await refresh(tokens.refreshToken);
    auth.advanceClock(29 * dayMs);
    const last = await refresh(next.refreshToken);
    auth.advanceClock(30 * dayMs);
    await invalid(last.refreshToken);
  });

  it("leaves the token valid when the profile cannot be read", async () => {
    const { tokens } = await auth.newMember();
    users.before = () => throwUnavailable();
    await assertRefused(refresh(tokens.refreshToken), Code.Unavailable, "NEIGHBOUR_UNAVAILABLE");
    users.before = () => undefined;
    auth.advanceClock(20_000);
    await refresh(tokens.refreshToken);
  });

  it("gives a token one successor under concurrent refreshes", async () => {
    const { tokens } = await auth.newMember();
    const many = Array.from({ length: 50 }, () => refresh(tokens.refreshToken));
    const answers = await Promise.all(many);
    assert.equal(new Set(answers.map(({ refreshToken }) => refreshToken)).size, 1);
    await refresh(answers[0]?.refreshToken ?? "");
  });

  it("behaves like its model in any order of refreshes and pauses", async () => {
    const step = fc.record({
      /** How far back the token presented is: 0 is the newest. */
      back: fc.integer({ min: 0, max: 3 }),
      waitMs: fc.constantFrom(0, 4_000, 11_000),
    });
    const run = async (steps: { back: number; waitMs: number }[]) => {
      const { tokens } = await auth.newMember();
      const issued = [tokens.refreshToken];
      let rotatedAgo = Number.POSITIVE_INFINITY;
      for (const { back, waitMs } of steps) {
        auth.advanceClock(waitMs);
        rotatedAgo += waitMs;
        const at = Math.max(0, issued.length - 1 - back);
        const newest = issued.length - 1;
        const token = issued[at] ?? "";
        if (at === newest) {
          issued.push((await refresh(token)).refreshToken);
          rotatedAgo = 0;
        } else if (at === newest - 1 && rotatedAgo < 10_000) {
          assert.equal((await refresh(token)).refreshToken, issued[newest]);
        } else {
          await reused(token);
          for (const dead of issued) await invalid(dead);
          return;
        }
      }
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 6 }), run), { numRuns: 200 });
  });
});
