import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findService, transcoderFixture } from "../testing/contract.ts";
import { createTranscoder } from "../transcoder.ts";
import { BindingError } from "./bindings.ts";

const refused: [name: string, service: string, message: RegExp][] = [
  ["13: the same path bound twice", "Duplicate", /GET \/v1\/\{custom\} is bound twice/],
  ["1: a template that breaks the grammar", "BrokenTemplate", /"\/v1\/\/a", character 5/],
  ["14: additional bindings inside of one", "NestedBindings", /cannot be nested/],
  ["14: a rule without a pattern", "NoPattern", /neither an HTTP method nor a path/],
  ["11: a custom pattern without a kind", "EmptyKind", /custom.kind is empty/],
  ["21: a variable that is no field", "NoSuchVariable", /\{missing\} is not a field/],
  ["21: a repeated field in the path", "RepeatedVariable", /\{strings\} is a repeated field/],
  ["21: a map in the path", "MapVariable", /\{labels\} is a map/],
  ["21: a message in the path", "MessageVariable", /\{inner\} is a message without a text form/],
  [
    "21: a field inside of a list in the path",
    "VariableInList",
    /\{list.string_value\} is not a field/,
  ],
  ["28: a GET with a body", "GetWithBody", /GET cannot have a body/],
  ["28: a DELETE with a body", "DeleteWithBody", /DELETE cannot have a body/],
  ["28: a body that is no field", "NoSuchBody", /body "missing" is not a field/],
  [
    "24: a body that the path fills too",
    "BodyInPath",
    /"word" is bound by both the path and the body/,
  ],
  [
    "29: a response_body that is no field",
    "NoSuchResponseBody",
    /response_body "missing" is not a field/,
  ],
  ["37: a reply to be resumed that is no stream", "ResumedUnary", /only a server stream/],
  ["37: an id that is no field", "NoSuchEventId", /"missing" is no string field/],
  ["37: a position that is no text", "LastEventIdOfNumbers", /"int64_value" is no string field/],
];

describe("bindingsOf", () => {
  for (const [name, bad, message] of refused) {
    it(`${name} does not start`, () => {
      const options = {
        services: [findService(`rest.test.bad.v1.${bad}`)],
        invoke: () => Promise.reject(),
      };
      assert.throws(
        () => createTranscoder(options),
        (error: Error) => {
          assert.ok(error instanceof BindingError);
          assert.match(error.message, message);
          // Every error names the method.
          assert.match(error.message, new RegExp(`^rest\\.test\\.bad\\.v1\\.${bad}\\.\\w+: `));
          return true;
        },
      );
    });
  }

  it("28: a DELETE with a body starts where it is allowed", async () => {
    const { send, calls } = transcoderFixture(["rest.test.bad.v1.DeleteWithBody"], {
      allowDeleteBody: true,
    });
    await send("DELETE", "/v1/a", { body: '{"stringValue": "x"}' });
    assert.deepEqual(calls[0]?.json, { stringValue: "x" });
  });
});
