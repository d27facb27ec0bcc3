import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { Access } from "@plaza/contract/kit/v1/options";
import { UserService } from "@plaza/contract/users/v1/users";
import { methodName } from "@plaza/kit/rpc/method-name";
import { policyOf } from "@plaza/kit/rpc/policy";
import type { CookieScope } from "../http/cookies.ts";
import { cachePolicyOf } from "./cache-policy.ts";
import { cookieFieldOf } from "./cookie-fields.ts";
import { isRead } from "./idempotency-level.ts";
import type { MethodAccess } from "./method-access.ts";
import { quotasOf } from "./quotas.ts";

/** A public method with its transport, routing and policy. */
export type ExposedMethod = MethodAccess & {
  readonly method: DescMethod;
  /** The transport to its service, without an identity of the gateway's own. */
  readonly transport: Transport;
  /** Whether it changes nothing. */
  readonly isRead: boolean;
  /** Whether a call may end sessions. */
  readonly mayEndSessions: boolean;
};

const signInMethods = new Set<DescMethod>([AuthService.method.login, AuthService.method.register]);

/** The contracts without the methods of access SERVICE, which only services may call. */
export function withoutInternalMethods(contracts: readonly DescService[]): DescService[] {
  return contracts.map((contract) => ({
    ...contract,
    methods: contract.methods.filter((method) => policyOf(method).access !== Access.SERVICE),
  }));
}

/** The methods of contracts that were stripped of internal ones. `cookieScope` is that of their cookies. */
export function exposeMethods(
  contracts: readonly DescService[],
  transportOf: (contract: DescService) => Transport,
  cookieScope: CookieScope,
): ReadonlyMap<DescMethod, ExposedMethod> {
  const exposedMethods = new Map<DescMethod, ExposedMethod>();
  for (const contract of contracts) {
    const transport = transportOf(contract);
    for (const method of contract.methods) {
      exposedMethods.set(method, {
        method,
        transport,
        name: methodName(method),
        isPublic: policyOf(method).access === Access.PUBLIC,
        setsSessionCookie: signInMethods.has(method),
        quotas: quotasOf(method),
        isStream: method.methodKind !== "unary",
        cookieField: cookieFieldOf(method, cookieScope),
        cachePolicy: cachePolicyOf(method),
        isRead: isRead(method),
        mayEndSessions: mayEndSessions(method),
      });
    }
  }
  return exposedMethods;
}

/** The access of a method; the gateway's own methods, such as health, are open to all. */
export function methodAccess(
  method: DescMethod,
  exposedMethods: ReadonlyMap<DescMethod, ExposedMethod>,
): MethodAccess {
  const name = methodName(method);
  const own = { isPublic: true, setsSessionCookie: false, isStream: method.methodKind !== "unary" };
  return exposedMethods.get(method) ?? { name, ...own, quotas: undefined, cookieField: undefined };
}

function mayEndSessions(method: DescMethod): boolean {
  if (method === UserService.method.deleteUser) return true;
  return method.parent.typeName === AuthService.typeName && !isRead(method);
}
