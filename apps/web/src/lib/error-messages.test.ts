import assert from "node:assert/strict";
import { it, describe as suite } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@plaza/contract/google/rpc/error_details";
import { errorMessage, fieldErrors } from "./error-messages.ts";

type Details = NonNullable<ConstructorParameters<typeof ConnectError>[3]>;

function newError(code: Code, ...details: Details): ConnectError {
  return new ConnectError("raw text", code, undefined, details);
}

suite("fieldFaults", () => {
  it("names fields as forms do", () => {
    const fieldViolations = [
      { field: "user.avatar_url", description: "does not match" },
      { field: "product.picture_urls[1]", description: "does not match" },
      { field: "colour", description: "must not be grey" },
    ];
    const found = fieldErrors(
      newError(Code.InvalidArgument, { desc: BadRequestSchema, value: { fieldViolations } }),
    );
    assert.deepEqual([...found.keys()], ["avatarUrl", "pictureUrls", "colour"]);
    assert.equal(found.get("colour"), "Must not be grey.");
  });

  it("knows the field that a reason is about", () => {
    const taken = newError(Code.AlreadyExists, {
      desc: ErrorInfoSchema,
      value: { reason: "EMAIL_TAKEN" },
    });
    assert.deepEqual([...fieldErrors(taken).keys()], ["email"]);
  });
});

suite("describe", () => {
  it("says how long to wait", () => {
    const wait = { desc: RetryInfoSchema, value: { retryDelay: { seconds: 300n } } };
    assert.match(errorMessage(newError(Code.ResourceExhausted, wait)), /5 minutes/);
  });

  it("keeps the browser's and the server's inner words to itself", () => {
    assert.match(errorMessage(new TypeError("Failed to fetch")), /cannot be reached/);
    assert.match(errorMessage(newError(Code.Internal)), /went wrong on the server/);
  });
});
