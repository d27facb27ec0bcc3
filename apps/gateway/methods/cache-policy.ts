import type { Message } from "@bufbuild/protobuf";
import {
  type DescField,
  type DescMethod,
  getOption,
  hasOption,
  isFieldSet,
} from "@bufbuild/protobuf";
import { Access, cacheable as cacheableOption } from "@plaza/contract/kit/v1/options";
import { policyOf } from "@plaza/kit/rpc/policy";
import { isRead } from "./idempotency-level.ts";

/** How long the responses of a read may be shared between callers. */
export type CachePolicy = {
  readonly maxAgeMs: number;
  /** Whether that holds for the response to this request. */
  appliesTo(request: Message): boolean;
};

/** The policy that the contract states, if any. Throws when it states one for anything but a public read. */
export function cachePolicyOf(method: DescMethod): CachePolicy | undefined {
  if (!hasOption(method, cacheableOption)) return undefined;
  const { maxAgeSeconds, unlessSet } = getOption(method, cacheableOption);
  const isPublicRead =
    method.methodKind === "unary" && isRead(method) && policyOf(method).access === Access.PUBLIC;
  if (!isPublicRead || maxAgeSeconds <= 0) {
    throw new Error(`${method.name}: only a public read can be cached, for a second or more`);
  }
  const field = unlessSet === "" ? undefined : requireField(method, unlessSet);
  return {
    maxAgeMs: maxAgeSeconds * 1_000,
    appliesTo: (request) => !field || !isFieldSet(request, field),
  };
}

function requireField(method: DescMethod, name: string): DescField {
  const field = method.input.fields.find((one) => one.name === name);
  if (!field) throw new Error(`${method.name}: unless_set names no field of its request: ${name}`);
  return field;
}
