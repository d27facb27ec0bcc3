import { Access } from "@plaza/contract/kit/v1/options";
import { policyOf } from "@plaza/kit/rpc/policy";
import { isRead } from "../methods/idempotency-level.ts";
import type { UpstreamClient } from "./upstream-client.ts";

/**
 * The client with `onWrite` called after each call to one of the services, by full name, that may change
 * what everybody reads there. What visitors may call changes only what is theirs, as a cart.
 */
export function withWriteListener(
  upstream: UpstreamClient,
  services: ReadonlySet<string>,
  onWrite: () => void,
): UpstreamClient {
  return {
    async unary(method, ...call) {
      const isWrite = services.has(method.parent.typeName) && !isRead(method);
      if (!isWrite || policyOf(method).access === Access.PUBLIC) {
        return upstream.unary(method, ...call);
      }
      // One that fails may have changed something too.
      return upstream.unary(method, ...call).finally(onWrite);
    },
    stream: (...call) => upstream.stream(...call),
  };
}
