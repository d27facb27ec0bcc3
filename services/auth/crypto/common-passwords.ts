import { invalidField } from "@plaza/kit/errors/fault";

const minPasswordLength = 8;

let commonPasswords: Promise<ReadonlySet<string>> | undefined;

/**
 * Throws PASSWORD_TOO_COMMON for one of the most common passwords, in any case; the contract checks the
 * length. `field` is the request's field, for the violation.
 */
export async function rejectCommonPassword(field: string, password: string): Promise<void> {
  commonPasswords ??= loadCommonPasswords().catch((error) => {
    commonPasswords = undefined;
    throw error;
  });
  if (!(await commonPasswords).has(password.normalize("NFKC").toLowerCase())) return;
  throw invalidField(field, "PASSWORD_TOO_COMMON", "is too common; choose another password");
}

/** Loaded on first use: 49,000 words, of which 18,000 are long enough for a password. */
async function loadCommonPasswords(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import("@zxcvbn-ts/language-common");
  return new Set(dictionary["passwords-common"].filter((word) => word.length >= minPasswordLength));
}
