import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRegistry, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  RetryInfoSchema,
} from "@plaza/contract/google/rpc/error_details";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { Fault, type FaultKind, invalidField } from "../errors/fault.ts";
import {
  errorDomainOf,
  isInternal,
  reasonOf,
  statusName,
  toConnectError,
} from "./error-mapping.ts";

const domain = "posts.plaza";

function detail<T extends DescMessage>(
  error: ConnectError,
  schema: T,
): MessageShape<T> | undefined {
  return error.findDetails(schema)[0];
}

function refusal(code: Code, reason: string, message = "at 10.0.0.7:8090"): ConnectError {
  const error = new ConnectError(message, code, { "x-upstream": "secret" });
  const value = { reason, domain: "users.plaza" };
  error.details.push({ desc: ErrorInfoSchema, value });
  return error;
}

describe("toConnectError", () => {
  const codes: Record<FaultKind, Code> = {
    invalid: Code.InvalidArgument,
    unauthenticated: Code.Unauthenticated,
    forbidden: Code.PermissionDenied,
    not_found: Code.NotFound,
    conflict: Code.AlreadyExists,
    precondition: Code.FailedPrecondition,
    exhausted: Code.ResourceExhausted,
    aborted: Code.Aborted,
    unavailable: Code.Unavailable,
    timeout: Code.DeadlineExceeded,
    unimplemented: Code.Unimplemented,
  };
  for (const [kind, code] of Object.entries(codes)) {
    it(`maps a fault of the kind ${kind} to ${Code[code]}`, () => {
      const error = toConnectError(
        new Fault(kind as FaultKind, "SOME_REASON", "some text"),
        domain,
      );

      assert.equal(error.code, code);
      assert.equal(error.rawMessage, "some text");
      assert.equal(error.details.length, 1);
    });
  }

  it("puts reason, domain and metadata into ErrorInfo", () => {
    const fault = new Fault("conflict", "OUT_OF_STOCK", "only 2 left", { metadata: { left: "2" } });
    const info = detail(toConnectError(fault, domain), ErrorInfoSchema);

    assert.equal(info?.reason, "OUT_OF_STOCK");
    assert.equal(info.domain, domain);
    assert.deepEqual(info.metadata, { left: "2" });
  });

  it("puts the invalid fields into BadRequest", () => {
    const error = toConnectError(invalidField("user.phone", "BAD_PHONE", "has no digits"), domain);
    const [violation] = detail(error, BadRequestSchema)?.fieldViolations ?? [];

    assert.equal(error.rawMessage, "user.phone: has no digits");
    assert.equal(violation?.field, "user.phone");
    assert.equal(violation.reason, "BAD_PHONE");
    assert.equal(violation.description, "has no digits");
  });

  it("puts the retry delay into RetryInfo", () => {
    const fault = new Fault("exhausted", "TOO_MANY", "wait", { retryAfterMs: 1_500 });
    const { seconds, nanos } =
      detail(toConnectError(fault, domain), RetryInfoSchema)?.retryDelay ?? {};

    assert.equal(seconds, 1n);
    assert.equal(nanos, 500_000_000);
  });

  it("never sends the cause of a fault", () => {
    const details = { cause: new Error("canary") };
    const error = toConnectError(new Fault("aborted", "BUSY", "busy", details), domain);

    assert.equal(error.cause, undefined);
  });

  const bugs: [string, unknown][] = [
    ["an error", new TypeError("canary")],
    ["a text", "canary"],
    ["nothing", undefined],
    ["an object in the shape of a status", { code: Code.NotFound, message: "canary" }],
    ["a statement that PostgreSQL refuses", Object.assign(new Error("canary"), { code: "42P01" })],
  ];
  for (const [name, thrown] of bugs) {
    it(`maps ${name} to "internal error" without any detail`, () => {
      const error = toConnectError(thrown, domain);

      assert.equal(error.message, "[internal] internal error");
      assert.equal(error.details.length, 0);
      assert.equal(error.cause, undefined);
      assert.ok(isInternal(error));
    });
  }

  for (const code of ["ECONNREFUSED", "57P01", "CONNECTION_LOST"]) {
    it(`maps an unavailable database (${code}) to UNAVAILABLE`, () => {
      const error = toConnectError(Object.assign(new Error("10.0.0.3"), { code }), domain);

      assert.equal(error.code, Code.Unavailable);
      assert.equal(reasonOf(error), "DATABASE_UNAVAILABLE");
      assert.equal(detail(error, RetryInfoSchema)?.retryDelay?.seconds, 1n);
      assert.doesNotMatch(error.message, /10\.0\.0\.3/);
    });
  }
});

describe("toConnectError, for errors of upstream services", () => {
  const passing = [
    Code.Unavailable,
    Code.DeadlineExceeded,
    Code.ResourceExhausted,
    Code.Unauthenticated,
  ];
  for (const code of passing) {
    it(`passes ${Code[code]} through with its details and without its headers`, () => {
      const error = toConnectError(refusal(code, "WHY", "text"), domain);

      assert.equal(error.code, code);
      assert.equal(error.rawMessage, "text");
      assert.equal(detail(error, ErrorInfoSchema)?.domain, "users.plaza");
      assert.equal([...error.metadata].length, 0);
    });
  }

  const bugs = [Code.NotFound, Code.PermissionDenied, Code.InvalidArgument, Code.AlreadyExists];
  for (const code of [...bugs, Code.Internal, Code.Unknown, Code.DataLoss, Code.Unimplemented]) {
    it(`maps ${Code[code]}, which the handler should have handled, to INTERNAL`, () => {
      const error = toConnectError(refusal(code, "WHY"), domain);

      assert.equal(error.message, "[internal] internal error");
      assert.equal(error.details.length, 0);
    });
  }

  it("maps a wrong service key to INTERNAL, so that no user is signed out", () => {
    const error = toConnectError(refusal(Code.Unauthenticated, "INVALID_SERVICE_TOKEN"), domain);
    assert.ok(isInternal(error));
  });

  for (const code of [Code.Unavailable, Code.Aborted]) {
    it(`quotes no address when the transport failed with ${Code[code]}`, () => {
      const cause = Object.assign(new Error("connect ECONNREFUSED 10.0.0.7:8090"), {
        code: "ECONNREFUSED",
      });
      const error = toConnectError(
        new ConnectError(cause.message, code, undefined, undefined, cause),
        domain,
      );

      assert.equal(error.code, Code.Unavailable);
      assert.equal(reasonOf(error), "NEIGHBOUR_UNAVAILABLE");
      assert.doesNotMatch(error.message, /10\.0\.0\.7/);
    });
  }

  it("maps the passed deadline of an upstream call to DEADLINE_EXCEEDED", () => {
    const error = toConnectError(new ConnectError("timed out", Code.DeadlineExceeded), domain);
    assert.equal(error.code, Code.DeadlineExceeded);
    assert.equal(reasonOf(error), "DEADLINE_EXCEEDED");
  });
});

describe("toConnectError, for a cancelled call", () => {
  const abort = (cause?: unknown) =>
    Object.assign(new Error("The operation was aborted", { cause }), { name: "AbortError" });

  it("returns CANCELED", () => {
    for (const thrown of [abort(), new ConnectError("gone", Code.Canceled)]) {
      const error = toConnectError(thrown, domain);
      assert.equal(error.code, Code.Canceled);
      assert.ok(!isInternal(error));
    }
  });

  it("returns DEADLINE_EXCEEDED when the deadline has passed", () => {
    const cause = new ConnectError("late", Code.DeadlineExceeded);
    assert.equal(toConnectError(abort(cause), domain).code, Code.DeadlineExceeded);
  });
});

describe("reasonOf", () => {
  it("returns the reason of a fault, of its ConnectError, and of one received over the network", () => {
    const fault = new Fault("not_found", "NO_SUCH_POST", "gone");
    const local = toConnectError(fault, domain);
    const remote = new ConnectError("gone", Code.NotFound);
    remote.details = [{ type: ErrorInfoSchema.typeName, value: Uint8Array.of(10, 1, 65) }];

    assert.equal(reasonOf(fault), "NO_SUCH_POST");
    assert.equal(reasonOf(local), "NO_SUCH_POST");
    assert.equal(reasonOf(remote), "A");
  });

  it("is undefined for other errors", () => {
    for (const other of [new Error("x"), "x", undefined, new ConnectError("x", Code.NotFound)]) {
      assert.equal(reasonOf(other), undefined);
    }
  });

  it("leaves details readable for other programs", () => {
    const error = toConnectError(new Fault("not_found", "NO_SUCH_POST", "gone"), domain);
    assert.equal(error.findDetails(createRegistry(ErrorInfoSchema)).length, 1);
  });
});

describe("statusName", () => {
  it("names every status code in snake case", () => {
    assert.equal(statusName(Code.NotFound), "not_found");
    assert.equal(statusName(Code.Canceled), "canceled");
    assert.equal(statusName(Code.DeadlineExceeded), "deadline_exceeded");
    assert.equal(statusName(99 as Code), "unknown");
  });
});

describe("errorDomainOf", () => {
  it("reverses the package name", () => {
    assert.equal(errorDomainOf(PostService), "posts.plaza");
  });
});
