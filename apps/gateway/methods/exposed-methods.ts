import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { Access } from "@plaza/contract/kit/v1/options";
import { UserService } from "@plaza/contract/users/v1/users";
import { methodName } from "@plaza/kit/rpc/method-name";
import { policyOf } from "@plaza/kit/rpc/policy";
import { cachePolicyOf } from "./cache-policy.ts";
import { cookieFieldOf } from "./cookie-fields.ts";
import { isRead } from "./idempotency-level.ts";
import type { MethodAccess } from "./method-access.ts";
import { quotasOf } from "./quotas.ts";

/** One method that people outside may call, with all that the edge needs to know of it. */
export type ExposedMethod = MethodAccess & {
  readonly method: DescMethod;
  /** The way to its service, for calls of people outside. */
  readonly transport: Transport;
  /** Whether it leaves everything as it is. */
  readonly isRead: boolean;
  /** Whether sessions may have ended when it has been called. */
  readonly mayEndSessions: boolean;
};

const signInMethods = new Set<DescMethod>([AuthService.method.login, AuthService.method.register]);

/** Contracts as people outside see them: without the methods that only services may call. */
export function withoutInternalMethods(contracts: readonly DescService[]): DescService[] {
  return contracts.map((contract) => ({
    ...contract,
    methods: contract.methods.filter((method) => policyOf(method).access !== Access.SERVICE),
  }));
}

/** All methods of an outside view. Over https their cookies are for https alone. */
export function exposeMethods(
  contracts: readonly DescService[],
  transportOf: (contract: DescService) => Transport,
  isSecure: boolean,
): ReadonlyMap<DescMethod, ExposedMethod> {
  const surface = new Map<DescMethod, ExposedMethod>();
  for (const contract of contracts) {
    const transport = transportOf(contract);
    for (const method of contract.methods) {
      surface.set(method, {
        method,
        transport,
        name: methodName(method),
        isPublic: policyOf(method).access === Access.PUBLIC,
        setsSessionCookie: signInMethods.has(method),
        quotas: quotasOf(method),
        isStream: method.methodKind !== "unary",
        cookieField: cookieFieldOf(method, isSecure),
        cachePolicy: cachePolicyOf(method),
        isRead: isRead(method),
        mayEndSessions: mayEndSessions(method),
      });
    }
  }
  return surface;
}

/** What callers of a method need; the gateway's own methods, such as health, are open to all. */
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
