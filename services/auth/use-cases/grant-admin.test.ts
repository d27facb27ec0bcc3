import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OperatorError } from "@plaza/kit/errors/operator-error";
import { testAuth } from "../testing/test-auth.ts";
import { grantAdmin } from "./grant-admin.ts";

describe("grantAdmin", () => {
  const auth = testAuth();
  const db = () => auth.plaza.db("auth");

  it("makes an account an admin, by its e-mail address in any case", async () => {
    const { email, client } = await auth.newMember();
    await grantAdmin(db(), email.toUpperCase());
    await grantAdmin(db(), email);
    assert.deepEqual((await client.getAccount({ id: "me" })).roles, ["member", "admin"]);
  });

  it("throws when there is no such account", async () => {
    await assert.rejects(grantAdmin(db(), "nobody@example.org"), OperatorError);
  });
});
