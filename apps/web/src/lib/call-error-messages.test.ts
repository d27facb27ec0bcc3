import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@plaza/contract/google/rpc/error_details";
import type { CallError } from "./call-error.ts";
import { fieldErrors } from "./call-error-messages.ts";
import { errorMessage } from "./error-message.ts";
import { toCallError } from "./to-call-error.ts";

type Details = NonNullable<ConstructorParameters<typeof ConnectError>[3]>;

function newError(code: Code, ...details: Details): CallError {
  return toCallError(new ConnectError("raw text", code, undefined, details));
}

describe("fieldErrors", () => {
  it("names fields as forms do, in camel case and without index", () => {
    const fieldViolations = [
      { field: "user.avatar_url", description: "does not match" },
      { field: "product.picture_urls[1]", description: "does not match" },
      { field: "colour", description: "must not be grey" },
    ];
    const errors = fieldErrors(
      newError(Code.InvalidArgument, { desc: BadRequestSchema, value: { fieldViolations } }),
    );
    assert.deepEqual([...errors.keys()], ["avatarUrl", "pictureUrls", "colour"]);
    assert.equal(errors.get("colour"), "Must not be grey.");
  });

  it("assigns reasons without field violations to their field", () => {
    const taken = newError(Code.AlreadyExists, {
      desc: ErrorInfoSchema,
      value: { reason: "EMAIL_TAKEN" },
    });
    assert.deepEqual([...fieldErrors(taken).keys()], ["email"]);
  });
});

describe("errorMessage", () => {
  it("gives the delay before a retry", () => {
    const wait = { desc: RetryInfoSchema, value: { retryDelay: { seconds: 300n } } };
    assert.match(errorMessage(newError(Code.ResourceExhausted, wait)), /5 minutes/);
    assert.match(errorMessage(newError(Code.ResourceExhausted)), /later/);
  });

  it("gives the delay of a reason, in hours or days when it is long", () => {
    const messageAfter = (seconds: bigint) =>
      errorMessage(
        newError(
          Code.ResourceExhausted,
          { desc: ErrorInfoSchema, value: { reason: "REQUEST_DECLINED" } },
          { desc: RetryInfoSchema, value: { retryDelay: { seconds } } },
        ),
      );
    assert.match(messageAfter(86_399n), /declined your request.* in 24 hours/);
    assert.match(messageAfter(604_000n), /in 7 days/);
  });

  it("fills in the facts of the reason", () => {
    const metadata = { limit: "5", current: "7" };
    const value = { reason: "TOO_MANY_UNPAID_ORDERS", metadata };
    const refused = newError(Code.FailedPrecondition, { desc: ErrorInfoSchema, value });
    assert.match(errorMessage(refused), /You have 7 unpaid orders, and the limit is 5/);
  });

  it("does not show internal messages of browser and server", () => {
    assert.match(errorMessage(new TypeError("Failed to fetch")), /cannot be reached/);
    assert.match(errorMessage(newError(Code.Internal)), /^Something went wrong/);
  });
});
