import { type DescMethod, getOption } from "@bufbuild/protobuf";
import { rate_limit as rateLimitOption } from "@plaza/contract/kit/v1/options";
import { isRead } from "./idempotency-level.ts";

/** `count` calls in each `periodMs`; all of them may come as one burst. */
export type Quota = { readonly count: number; readonly periodMs: number };

/** How often a method may be called from outside. */
export type MethodQuotas = {
  /** Of each account, or of each network when the caller is anonymous. */
  readonly caller: Quota;
  /** Of each network, for all callers in it together. */
  readonly network: Quota | undefined;
  /** What a call takes of the total rate of its network. */
  readonly cost: number;
};

const minuteMs = 60_000;

/** The quotas of methods whose contract states none. */
const defaultReadsPerMinute = 1_200;
const defaultWritesPerMinute = 120;

/** The quotas that the contract states for a method, or the defaults. */
export function quotasOf(method: DescMethod): MethodQuotas {
  const { perCallerPerMinute, perAddressPerMinute, cost } = getOption(method, rateLimitOption);
  const defaultPerMinute = isRead(method) ? defaultReadsPerMinute : defaultWritesPerMinute;
  const perMinute = (count: number): Quota => ({ count, periodMs: minuteMs });
  return {
    caller: perMinute(perCallerPerMinute || defaultPerMinute),
    network: perAddressPerMinute > 0 ? perMinute(perAddressPerMinute) : undefined,
    cost: cost || 1,
  };
}
