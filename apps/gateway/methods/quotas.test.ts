import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { quotasOf } from "./quotas.ts";

describe("quotasOf", () => {
  it("returns the contract's quotas, or the defaults for reads and writes", () => {
    const perMinute = (count: number) => ({ count, periodMs: 60_000 });
    assert.deepEqual(quotasOf(AuthService.method.login), {
      caller: perMinute(120),
      network: perMinute(30),
      cost: 20,
    });
    assert.deepEqual(quotasOf(PostService.method.createPost).caller, perMinute(30));
    assert.deepEqual(quotasOf(PostService.method.getPost), {
      caller: perMinute(1_200),
      network: undefined,
      cost: 1,
    });
  });
});
