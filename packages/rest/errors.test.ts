import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { anyPack, DurationSchema, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { toStatusResponse } from "./errors.ts";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "./gen/google/rpc/error_details_pb.ts";
import { createMessage, findMessageType, registry, transcoderFixture } from "./testing/contract.ts";

type Outgoing = NonNullable<ConstructorParameters<typeof ConnectError>[3]>;

function respond(error: unknown) {
  const { status, headers, body } = toStatusResponse(error, registry);
  return { status, headers: new Headers(headers), json: JSON.parse(String(body)) as JsonValue };
}

function incoming(type: string, value: Uint8Array): ConnectError {
  const error = new ConnectError("m", Code.NotFound);
  error.details.push({ type, value });
  return error;
}

const statuses: [code: Code, status: number][] = [
  [1, 499],
  [2, 500],
  [3, 400],
  [4, 504],
  [5, 404],
  [6, 409],
  [7, 403],
  [8, 429],
  [9, 400],
  [10, 409],
  [11, 400],
  [12, 501],
  [13, 500],
  [14, 503],
  [15, 500],
  [16, 401],
];

describe("toStatusResponse", () => {
  for (const [code, status] of statuses) {
    it(`39: code ${code} is ${status}`, () => {
      const response = respond(new ConnectError("m", code));
      assert.deepEqual([response.status, response.json], [status, { code, message: "m" }]);
      assert.equal(response.headers.get("content-type"), "application/json");
    });
  }

  it("39: success is 200", async () => {
    assert.equal(
      (await transcoderFixture(["LibraryService"]).send("GET", "/v1/books/1")).status,
      200,
    );
  });

  it("40: details are typed, whether they go out or came in", () => {
    const info = { reason: "R", domain: "d", metadata: { a: "b" } };
    const violations = { fieldViolations: [{ field: "f", description: "d" }] };
    const details = [
      { desc: ErrorInfoSchema, value: info },
      { desc: BadRequestSchema, value: violations },
    ] as Outgoing;
    const expected = [
      { "@type": "type.googleapis.com/google.rpc.ErrorInfo", ...info },
      { "@type": "type.googleapis.com/google.rpc.BadRequest", ...violations },
    ];
    const out = respond(new ConnectError("m", Code.NotFound, undefined, details));
    assert.deepEqual(out.json, { code: 5, message: "m", details: expected });
    const bytes = toBinary(ErrorInfoSchema, create(ErrorInfoSchema, info));
    const json = respond(incoming("google.rpc.ErrorInfo", bytes)).json as { details: JsonValue };
    assert.deepEqual(json.details, [expected[0]]);
  });

  it("40: details of the registry's types, well-known ones among them", () => {
    const detail = { desc: findMessageType("Author"), value: { firstName: "A" } };
    const duration = { desc: DurationSchema, value: { seconds: 5n } };
    const details = [detail, duration] as Outgoing;
    const { json } = respond(new ConnectError("m", Code.NotFound, undefined, details));
    assert.deepEqual((json as { details: JsonValue }).details, [
      { "@type": "type.googleapis.com/rest.test.v1.Author", firstName: "A" },
      { "@type": "type.googleapis.com/google.protobuf.Duration", value: "5s" },
    ]);
  });

  it("40: an unknown detail keeps its bytes", () => {
    const json = respond(incoming("no.Such", new Uint8Array([8, 1]))).json as {
      details: JsonValue;
    };
    assert.deepEqual(json.details, [{ "@type": "type.googleapis.com/no.Such", value: "CAE=" }]);
  });

  it("40: so does a known one whose bytes are broken, or that has no JSON form", () => {
    const broken = respond(incoming("google.rpc.ErrorInfo", new Uint8Array([255])));
    assert.deepEqual((broken.json as { details: JsonValue }).details, [
      { "@type": "type.googleapis.com/google.rpc.ErrorInfo", value: "/w==" },
    ]);
    const timestamp = create(TimestampSchema, { nanos: -1 });
    const details = [{ desc: TimestampSchema, value: timestamp }] as Outgoing;
    const { json } = respond(new ConnectError("m", Code.NotFound, undefined, details));
    const [first] = (json as { details: Record<string, string>[] }).details;
    assert.equal(first?.["@type"], "type.googleapis.com/google.protobuf.Timestamp");
    assert.equal(typeof first?.value, "string");
  });

  it("40: an Any inside of a detail is printed by the registry too", () => {
    const attachment = anyPack(
      findMessageType("Author"),
      createMessage("Author", { firstName: "A" }),
    );
    const details = [{ desc: findMessageType("Book"), value: { attachment } }] as Outgoing;
    const { json } = respond(new ConnectError("m", Code.NotFound, undefined, details));
    const [first] = (json as { details: Record<string, JsonValue>[] }).details;
    const type = "type.googleapis.com/rest.test.v1.Author";
    assert.deepEqual(first?.attachment, { "@type": type, firstName: "A" });
  });

  it("40: what is no ConnectError is an internal error without its text", () => {
    for (const thrown of [
      new Error("secret"),
      "secret",
      undefined,
      { code: 5, message: "secret" },
    ]) {
      const response = respond(thrown);
      assert.equal(response.status, 500);
      assert.deepEqual(response.json, { code: 13, message: "internal error" });
    }
  });

  it("40: RetryInfo becomes Retry-After, in whole seconds", () => {
    const retryDelay = { seconds: 2n, nanos: 1 };
    const details = [{ desc: RetryInfoSchema, value: { retryDelay } }] as Outgoing;
    const out = respond(new ConnectError("m", Code.ResourceExhausted, undefined, details));
    assert.deepEqual([out.status, out.headers.get("retry-after")], [429, "3"]);
    const bytes = toBinary(
      RetryInfoSchema,
      create(RetryInfoSchema, { retryDelay: { seconds: 7n } }),
    );
    assert.equal(respond(incoming("google.rpc.RetryInfo", bytes)).headers.get("retry-after"), "7");
  });

  it("40: 401 carries WWW-Authenticate", () => {
    const response = respond(new ConnectError("m", Code.Unauthenticated));
    assert.equal(response.headers.get("www-authenticate"), "Bearer");
  });

  it("40: the metadata of an error is sent, except what belongs to the protocol", () => {
    const metadata = { "x-a": "1", "grpc-status": "5", "content-length": "3", "set-cookie": "a=b" };
    const { headers } = respond(new ConnectError("m", Code.NotFound, metadata));
    assert.deepEqual([headers.get("x-a"), headers.get("set-cookie")], ["1", "a=b"]);
    assert.deepEqual([headers.get("grpc-status"), headers.get("content-length")], [null, null]);
  });
});

describe("errors of a call", () => {
  it("41: trailers have their prefix also when the call fails, where the transport tells them apart", () => {
    const metadata = { "x-own": "1", cost: "3" };
    const error = new ConnectError("m", Code.NotFound, metadata);
    assert.equal(respond(error).headers.get("cost"), "3");
    const { headers } = respond(Object.assign(error, { trailers: new Headers({ cost: "3" }) }));
    assert.equal(headers.get("x-own"), "1");
    assert.deepEqual([headers.get("cost"), headers.get("trailer-cost")], [null, "3"]);
  });

  const thrown = (error: unknown, reported: unknown[] = []) =>
    transcoderFixture(
      ["LibraryService"],
      { onInternalError: (one, method) => reported.push([one, method?.name]) },
      () => {
        throw error;
      },
    );

  it("40: a ConnectError is answered, and is not reported as a fault of this package", async () => {
    const reported: unknown[] = [];
    const reply = await thrown(new ConnectError("m", Code.Internal), reported).send(
      "GET",
      "/v1/books/1",
    );
    assert.deepEqual([reply.status, reply.json, reported], [500, { code: 13, message: "m" }, []]);
  });

  it("40: anything else is reported with its method", async () => {
    const reported: unknown[] = [];
    const error = new Error("secret");
    const reply = await thrown(error, reported).send("GET", "/v1/books/1");
    assert.deepEqual([reply.status, reported], [500, [[error, "GetBook"]]]);
  });

  it("40: a reply without a JSON form is a fixed 500, and reported", async () => {
    const reported: unknown[] = [];
    const message = createMessage("Book", {
      attachment: { typeUrl: "type.googleapis.com/no.Such" },
    });
    const onInternalError = (error: unknown) => reported.push(error);
    const { send } = transcoderFixture(["LibraryService"], { onInternalError }, () => ({
      message,
    }));
    const reply = await send("GET", "/v1/books/1");
    assert.deepEqual([reply.status, reply.json], [500, { code: 13, message: "internal error" }]);
    assert.equal(reported.length, 1);
  });

  it("40: a HEAD that fails has no body either", async () => {
    const reply = await thrown(new ConnectError("m", Code.NotFound)).send("HEAD", "/v1/books/1");
    assert.deepEqual([reply.status, reply.body], [404, ""]);
  });
});
