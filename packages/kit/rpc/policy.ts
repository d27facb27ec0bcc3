import { type DescMethod, type DescService, getOption, hasOption } from "@bufbuild/protobuf";
import { Access, type Policy, policy as policyOption } from "@plaza/contract/kit/v1/options";
import { Fault } from "../errors/fault.ts";
import { type Caller, hasRole, notSignedIn } from "../identity/caller.ts";
import { methodName } from "./method-name.ts";

/** The policy in the contract of a method. Throws when it is missing or incomplete. */
export function policyOf(method: DescMethod): Policy {
  const policy = hasOption(method, policyOption) ? getOption(method, policyOption) : undefined;
  const name = methodName(method);
  if (!policy || !knownAccess.has(policy.access)) throw new Error(`${name} has no policy`);
  if (policy.access === Access.ROLE && policy.role === "") throw new Error(`${name} names no role`);
  return policy;
}

// A newer contract may have an access that this code does not know.
const knownAccess = new Set<number>([Access.PUBLIC, Access.MEMBER, Access.ROLE, Access.SERVICE]);

/** Throws unless every method of the service has a policy. */
export function requirePolicies(service: DescService): void {
  for (const method of service.methods) policyOf(method);
}

/** Throws NOT_SIGNED_IN, ROLE_REQUIRED or SERVICE_ONLY unless the policy permits the caller. */
export function authorize(policy: Policy, caller: Caller): void {
  switch (policy.access) {
    case Access.PUBLIC:
      return;
    case Access.MEMBER:
      if (!caller.account) notSignedIn();
      return;
    case Access.ROLE:
      if (!caller.account) notSignedIn();
      if (!hasRole(caller, policy.role)) {
        throw new Fault("forbidden", "ROLE_REQUIRED", `this requires the role ${policy.role}`, {
          metadata: { role: policy.role },
        });
      }
      return;
    default:
      if (!caller.service) {
        throw new Fault("forbidden", "SERVICE_ONLY", "only Plaza's services can call this method");
      }
  }
}
