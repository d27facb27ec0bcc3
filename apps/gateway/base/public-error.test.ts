import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { Fault } from "@plaza/kit/errors/fault";
import { reasonOf, toConnectError } from "@plaza/kit/rpc/error-mapping";
import { silentLogger } from "@plaza/kit/telemetry/log";
import { toPublicError } from "./public-error.ts";

describe("refusalFor", () => {
  const address = "read ECONNRESET 10.0.0.7:8090";

  it("answers an outage, without the address, when a service is out of reach or cut off mid-call", () => {
    for (const code of [Code.Unavailable, Code.Aborted]) {
      const refusal = toPublicError(new ConnectError(address, code), silentLogger);
      assert.equal(refusal.code, Code.Unavailable);
      assert.equal(reasonOf(refusal), "SERVICE_UNAVAILABLE");
      assert.doesNotMatch(refusal.message, /10\.0\.0\.7/);
    }
  });

  it("passes what a service refuses with, whole", () => {
    const fault = new Fault("aborted", "CONCURRENT_CHANGE", "try again", { retryAfterMs: 0 });
    const refusal = toPublicError(toConnectError(fault, "users.plaza"), silentLogger);
    assert.equal(refusal.code, Code.Aborted);
    assert.equal(reasonOf(refusal), "CONCURRENT_CHANGE");
  });

  it("says nothing of a bug but that there is one", () => {
    for (const error of [new Error(address), new ConnectError(address, Code.Unknown)]) {
      const refusal = toPublicError(error, silentLogger);
      assert.equal(refusal.message, "[internal] internal error");
      assert.deepEqual(refusal.details, []);
    }
  });
});
