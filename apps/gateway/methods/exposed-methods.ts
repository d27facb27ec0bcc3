import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import type { Transport } from "@connectrpc/connect";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { Access } from "@plaza/contract/kit/v1/options";
import { UserService } from "@plaza/contract/users/v1/users";
import { policyOf } from "@plaza/kit/rpc/policy";
import { quotasOf } from "../admission/rate-limiter.ts";
import { cacheableOf } from "./cache-policy.ts";
import type { Entry } from "./call.ts";
import { carriedBy } from "./cookie-fields.ts";

/** One method that people outside may call, with all that the edge needs to know of it. */
export type Reachable = Entry & {
  readonly method: DescMethod;
  /** The way to its service, for calls of people outside. */
  readonly transport: Transport;
  /** Whether it leaves everything as it is. */
  readonly isRead: boolean;
  /** Whether sessions may have ended when it has been called. */
  readonly endsSessions: boolean;
};

const signIns = new Set<DescMethod>([AuthService.method.login, AuthService.method.register]);

/** Contracts as people outside see them: without the methods that only services may call. */
export function outsideView(contracts: readonly DescService[]): DescService[] {
  return contracts.map((contract) => ({
    ...contract,
    methods: contract.methods.filter((method) => policyOf(method).access !== Access.SERVICE),
  }));
}

/** All methods of an outside view. Over https their cookies are for https alone. */
export function surfaceOf(
  contracts: readonly DescService[],
  transportOf: (contract: DescService) => Transport,
  isSecure: boolean,
): ReadonlyMap<DescMethod, Reachable> {
  const surface = new Map<DescMethod, Reachable>();
  for (const contract of contracts) {
    const transport = transportOf(contract);
    for (const method of contract.methods) {
      surface.set(method, {
        method,
        transport,
        name: `${contract.typeName}/${method.name}`,
        isPublic: policyOf(method).access === Access.PUBLIC,
        signsIn: signIns.has(method),
        quotas: quotasOf(method),
        isStream: method.methodKind !== "unary",
        carried: carriedBy(method, isSecure),
        cacheable: cacheableOf(method),
        isRead: isRead(method),
        endsSessions: endsSessions(method),
      });
    }
  }
  return surface;
}

function endsSessions(method: DescMethod): boolean {
  if (method === UserService.method.deleteUser) return true;
  return method.parent.typeName === AuthService.typeName && !isRead(method);
}

function isRead(method: DescMethod): boolean {
  return method.idempotency === Idempotency.NO_SIDE_EFFECTS;
}
