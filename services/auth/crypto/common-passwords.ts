import { invalidField } from "@plaza/kit/errors/fault";

const shortest = 8;

let common: Promise<ReadonlySet<string>> | undefined;

/**
 * Throws PASSWORD_TOO_COMMON for a password among the most common, in any case. How long it must be
 * is a rule of the contract. `field` is the request's field, for the violation.
 */
export async function refuseCommon(field: string, password: string): Promise<void> {
  common ??= loadCommon().catch((error) => {
    common = undefined;
    throw error;
  });
  if (!(await common).has(password.normalize("NFKC").toLowerCase())) return;
  throw invalidField(field, "PASSWORD_TOO_COMMON", "is one of the most common; choose another");
}

/** Loaded when first needed: 49,000 words, of which 18,000 are long enough to be anybody's password. */
async function loadCommon(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import("@zxcvbn-ts/language-common");
  return new Set(dictionary["passwords-common"].filter((word) => word.length >= shortest));
}
