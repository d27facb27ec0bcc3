import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { preferredMediaType } from "./content-negotiation.ts";

const offered = ["application/x-ndjson", "text/event-stream"] as const;
const [lines, events] = offered;

describe("preferredType", () => {
  for (const [accept, type] of [
    [null, lines],
    ["", lines],
    ["*/*", lines],
    ["application/*", lines],
    ["application/x-ndjson", lines],
    ["text/event-stream", events],
    ["TEXT/Event-Stream", events],
    ["text/*", events],
    ["text/event-stream;charset=utf-8", events],
    ["text/event-stream, */*", events],
    ["text/*, */*", events],
    ["application/json, text/event-stream", events],
    ["application/json, text/plain, */*", lines],
    ["text/event-stream, application/x-ndjson", lines],
    ["text/event-stream, application/x-ndjson;q=0.9", events],
    ["application/x-ndjson;q=0.1, text/event-stream;q=0.2", events],
    ["*/*, application/x-ndjson;q=0.5", events],
    ["*/*, application/x-ndjson;q=0", events],
    ["text/event-stream; Q=0.3 , application/*;q=0.4", lines],
    ["application/json", undefined],
    ["text/html, image/*", undefined],
    ["*/*;q=0", undefined],
    ["text/event-stream;q=0, application/x-ndjson;q=0.000", undefined],
    ["text/event-stream;q=high", undefined],
  ] as const) {
    it(`36: of NDJSON and SSE, Accept: ${accept} prefers ${type ?? "neither"}`, () => {
      assert.equal(preferredMediaType(accept, offered), type);
    });
  }
});
