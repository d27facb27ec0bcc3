import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { errorFromTrailers } from "./trailers.ts";

const refused = ["grpc-status", "7", "grpc-message", "no"];

describe("grpc-status-details-bin", () => {
  it("is ignored when it is malformed", () => {
    for (const details of ["!!!", "CAISAHwQ", "CAISAHg", ""]) {
      const error = errorFromTrailers(undefined, [...refused, "grpc-status-details-bin", details]);
      assert.equal(error?.code, Code.PermissionDenied, details);
      assert.equal(error.rawMessage, "no");
      assert.deepEqual(error.details, []);
    }
  });

  it("is ignored when it is of another status", () => {
    // A google.rpc.Status with code 0, and one with code 2.
    for (const details of ["CAA", "CAI"]) {
      const error = errorFromTrailers(undefined, [...refused, "grpc-status-details-bin", details]);
      assert.equal(error?.code, Code.PermissionDenied, details);
    }
  });

  it("does not depend on the encoding of grpc-message", () => {
    for (const message of ["100%", "%zz", "%F0%9F", "%"]) {
      const error = errorFromTrailers(undefined, ["grpc-status", "7", "grpc-message", message]);
      assert.equal(error?.code, Code.PermissionDenied);
      assert.equal(error.rawMessage, message);
    }
  });

  it("is an error when it is no number", () => {
    assert.equal(errorFromTrailers(undefined, ["grpc-status", "seven"])?.code, Code.Internal);
  });
});

describe("the error of a call", () => {
  it("says which of its metadata came as trailers", () => {
    const error = errorFromTrailers(["x-own", "1"], ["grpc-status", "5", "cost", "3"]);
    const { trailers } = error as unknown as { trailers: Headers };
    assert.deepEqual([error?.metadata.get("x-own"), error?.metadata.get("cost")], ["1", "3"]);
    assert.deepEqual([...trailers], [["cost", "3"]]);
  });
});
