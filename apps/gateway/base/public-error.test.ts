import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import { Fault } from "@plaza/kit/errors/fault";
import { reasonOf, toConnectError } from "@plaza/kit/rpc/error-mapping";
import { silentLogger } from "@plaza/kit/telemetry/log";
import { toPublicError } from "./public-error.ts";

describe("toPublicError", () => {
  const address = "read ECONNRESET 10.0.0.7:8090";

  it("hides the address when a service cannot be reached or is lost during a call", () => {
    for (const code of [Code.Unavailable, Code.Aborted]) {
      const publicError = toPublicError(new ConnectError(address, code), silentLogger);
      assert.equal(publicError.code, Code.Unavailable);
      assert.equal(reasonOf(publicError), "SERVICE_UNAVAILABLE");
      assert.doesNotMatch(publicError.message, /10\.0\.0\.7/);
    }
  });

  it("keeps the details of a service's error", () => {
    const fault = new Fault("aborted", "CONCURRENT_CHANGE", "try again", { retryAfterMs: 0 });
    const publicError = toPublicError(toConnectError(fault, "users.plaza"), silentLogger);
    assert.equal(publicError.code, Code.Aborted);
    assert.equal(reasonOf(publicError), "CONCURRENT_CHANGE");
  });

  it("reveals nothing about a bug", () => {
    for (const error of [new Error(address), new ConnectError(address, Code.Unknown)]) {
      const publicError = toPublicError(error, silentLogger);
      assert.equal(publicError.message, "[internal] internal error");
      assert.deepEqual(publicError.details, []);
    }
  });
});
