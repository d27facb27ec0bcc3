import { createHash } from "node:crypto";

/** What a write is repeated by: its key, and a digest that is equal for equal requests. */
export type IdempotencyKey = { readonly key: string; readonly digest: string };

/** The key of a request that asked for this; undefined without one. */
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
