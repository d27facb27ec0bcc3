import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  clearExtension,
  clone,
  createFileRegistry,
  type DescFile,
  type DescService,
  setExtension,
} from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  type MethodOptions,
  MethodOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { Access, policy as policyOption } from "@plaza/contract/kit/v1/options";
import { UserService } from "@plaza/contract/users/v1/users";
import { Fault } from "../errors/fault.ts";
import { anonymousCaller, type Caller } from "../identity/caller.ts";
import { authorize, policyOf, requirePolicies } from "./policy.ts";

const account = (...roles: string[]): Caller => ({
  account: { id: "a", sessionId: "s", roles },
});

const callers: Record<string, Caller> = {
  nobody: anonymousCaller,
  member: account("member"),
  admin: account("member", "admin"),
  "an account without roles": account(),
  service: { service: "posts" },
  "service for a member": { service: "posts", ...account("member") },
  "service for an admin": { service: "posts", ...account("member", "admin") },
};

const signIn = "NOT_SIGNED_IN";
const role = "ROLE_REQUIRED";
const service = "SERVICE_ONLY";

// In the order of `callers`; "" means permitted.
const matrix: [keyof typeof Access, string[]][] = [
  ["PUBLIC", ["", "", "", "", "", "", ""]],
  ["MEMBER", [signIn, "", "", "", signIn, "", ""]],
  ["ROLE", [signIn, role, "", role, signIn, role, ""]],
  ["SERVICE", [service, service, service, service, "", "", ""]],
];

describe("authorize", () => {
  for (const [name, expected] of matrix) {
    for (const [index, [who, caller]] of Object.entries(callers).entries()) {
      const outcome = expected[index] || "";
      it(`${name}: ${outcome ? `refuses ${who} with ${outcome}` : `permits ${who}`}`, () => {
        assert.equal(refusal({ access: Access[name], role: "admin" }, caller), outcome);
      });
    }
  }

  it("permits services only when the access is unknown", () => {
    assert.equal(
      refusal({ access: 99 as Access, role: "" }, callers["admin"] ?? anonymousCaller),
      service,
    );
  });
});

describe("requirePolicies", () => {
  it("accepts a contract with a policy for every method", () => {
    requirePolicies(UserService);
    assert.equal(policyOf(UserService.method.listUsers).role, "admin");
  });

  it("throws for a service with one method without a policy", () => {
    const bare = tampered((options) => clearExtension(options, policyOption));
    assert.throws(() => requirePolicies(bare), /UserService\/ListUsers has no policy/);
  });

  for (const access of [Access.UNSPECIFIED, 99 as Access]) {
    it(`refuses a policy with the access ${access}`, () => {
      const half = tampered((options) => set(options, access, ""));
      assert.throws(() => requirePolicies(half), /ListUsers has no policy/);
    });
  }

  it("throws for a policy without the name of its role", () => {
    const half = tampered((options) => set(options, Access.ROLE, ""));
    assert.throws(() => requirePolicies(half), /ListUsers names no role/);
  });
});

function refusal(policy: { access: Access; role: string }, caller: Caller): string {
  try {
    authorize({ $typeName: "plaza.kit.v1.Policy", ...policy }, caller);
    return "";
  } catch (error) {
    assert.ok(error instanceof Fault);
    return error.reason;
  }
}

function set(options: MethodOptions, access: Access, role: string): void {
  setExtension(options, policyOption, { $typeName: "plaza.kit.v1.Policy", access, role });
}

/** UserService with another policy for ListUsers. */
function tampered(change: (options: MethodOptions) => void): DescService {
  const proto = clone(FileDescriptorProtoSchema, UserService.file.proto);
  const method = proto.service[0]?.method.find(({ name }) => name === "ListUsers");
  assert.ok(method);
  method.options ??= { $typeName: MethodOptionsSchema.typeName } as MethodOptions;
  change(method.options);
  const files = new Map<string, DescFile>();
  collect(UserService.file, files);
  const service = createFileRegistry(proto, (name) => files.get(name)).getService(
    UserService.typeName,
  );
  assert.ok(service);
  return service;
}

function collect(file: DescFile, files: Map<string, DescFile>): void {
  files.set(`${file.name}.proto`, file);
  for (const dependency of file.dependencies) collect(dependency, files);
}
