import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { collectRoutes } from "../calls/routes.ts";
import { TestService } from "../gen/grpc/testing/test_pb.ts";
import { type HeaderField, REQUEST, replaceField } from "../testing/messages.ts";
import { createRequestParser } from "./request-headers.ts";

describe("the headers of a request", () => {
  const parse = createRequestParser(
    collectRoutes((router) => router.service(TestService, { emptyCall: () => ({}) })),
  );
  const parseFields = (fields: readonly HeaderField[]) => parse(fields.flat());

  for (const type of [
    "application/grpc",
    "Application/GRPC",
    "application/grpc+Proto",
    "application/grpc ; charset=utf-8",
  ]) {
    it(`are those of a call, whatever the case of the type: ${type}`, () => {
      assert.ok(parseFields(replaceField(REQUEST, "content-type", type)).route);
    });
  }

  it("name encodings without regard to case", () => {
    const encodings: HeaderField[] = [
      ["grpc-encoding", "GZIP"],
      ["grpc-accept-encoding", "identity, GZip"],
    ];
    const { encoding, acceptsGzip } = parseFields([...REQUEST, ...encodings]);
    assert.deepEqual([encoding, acceptsGzip], ["gzip", true]);
  });

  it("are those of something else with another type", () => {
    for (const type of ["application/grpc-web", "application/json", "application/grpcs"]) {
      const { httpStatus } = parseFields(replaceField(REQUEST, "content-type", type));
      assert.equal(httpStatus, 415, type);
    }
  });
});
