import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toJson } from "@bufbuild/protobuf";
import { AuthService, JwksSchema } from "@plaza/contract/auth/v1/auth";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { testAuth } from "./testing/test-auth.ts";

describe("access tokens", () => {
  const auth = testAuth();

  it("are verified with the published keys, and carry caller and expiry", async () => {
    const { id, sessionId, tokens } = await auth.newMember();
    const answer = await auth.plaza.client(AuthService).getJwks({});
    const jwks = toJson(JwksSchema, answer) as unknown as JSONWebKeySet;
    assert.equal(jwks.keys.length, 1);
    assert.deepEqual(Object.keys(jwks.keys[0] ?? {}).sort(), [
      "alg",
      "crv",
      "kid",
      "kty",
      "use",
      "x",
    ]);

    const verified = await jwtVerify(tokens.accessToken, createLocalJWKSet(jwks), {
      algorithms: ["EdDSA"],
      issuer: "plaza",
      audience: "plaza",
      typ: "at+jwt",
    });
    const { iat = 0, exp = 0, jti, ...claims } = verified.payload;
    assert.deepEqual(claims, {
      iss: "plaza",
      aud: "plaza",
      sub: id,
      sid: sessionId,
      roles: ["member"],
    });
    assert.equal(exp - iat, 600);
    assert.equal(jti?.length, 43);
    assert.equal(verified.protectedHeader.kid, jwks.keys[0]?.kid);
  });
});
