import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fault } from "@plaza/kit/errors/fault";
import { rejectCommonPassword } from "./common-passwords.ts";

describe("rejectCommonPassword", () => {
  it("refuses the most common, in any case and width", async () => {
    for (const password of [
      "princess",
      "iloveyou",
      "Password1",
      "QWERTYUIOP",
      "ｐａｓｓｗｏｒｄ",
    ]) {
      await assert.rejects(rejectCommonPassword("password", password), (error) => {
        assert.ok(error instanceof Fault);
        assert.equal(error.kind, "invalid");
        assert.equal(error.reason, "PASSWORD_TOO_COMMON");
        assert.equal(error.details.violations?.[0]?.field, "password");
        assert.equal(error.message.includes(password), false);
        return true;
      });
    }
  });

  it("lets others through", async () => {
    for (const password of ["testPass123", "correct battery 7", "пароль из слов", "🦊".repeat(8)]) {
      await rejectCommonPassword("password", password);
    }
  });
});
