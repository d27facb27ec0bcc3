import { createHash } from "node:crypto";

/** The idempotency key of a request, with a digest of its content to detect reuse for another request. */
export type IdempotencyKey = { readonly key: string; readonly digest: string };

/** Creates the idempotency key of a request; undefined when `key` is empty. */
export function createIdempotencyKey(
  key: string,
  ...request: readonly unknown[]
): IdempotencyKey | undefined {
  if (key === "") return undefined;
  const text = JSON.stringify(request, (_name, value: unknown) =>
    typeof value === "bigint" ? String(value) : value,
  );
  return { key, digest: createHash("sha256").update(text).digest("base64url") };
}
