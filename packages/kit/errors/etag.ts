import { Fault } from "./fault.ts";

/**
 * The entity tag of a resource (AIP-154): the time of its last change. It is unique when each change has the time
 * that `nextUpdateTime` returns.
 */
export function etagOf({ updateTime }: { readonly updateTime: Date }): string {
  return `"${updateTime.getTime().toString(36)}"`;
}

/** The time of a change: now, or a millisecond after the previous change if the clock has not passed that. */
export function nextUpdateTime({ updateTime }: { readonly updateTime: Date }, now: Date): Date {
  return new Date(Math.max(now.getTime(), updateTime.getTime() + 1));
}

/**
 * Throws a Fault, whose metadata has the current etag, unless `expected` is empty, `*`, or a list of entity tags
 * among which the current one is (RFC 9110, section 13.1.1). Weak tags match nothing.
 */
export function requireEtag(expected: string, current: string, reason?: string): void {
  if (expected === "" || expected === "*" || strongTags(expected).includes(current)) return;
  throw etagMismatch(current, reason);
}

/** The fault of a request for a resource that has another etag by now. */
export function etagMismatch(current: string, reason = "ETAG_MISMATCH"): Fault {
  const message = "the resource has changed since it was read; read it again";
  return new Fault("aborted", reason, message, { metadata: { etag: current } });
}

function strongTags(list: string): string[] {
  const tags = list.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.filter((tag) => !tag.startsWith("W/"));
}
