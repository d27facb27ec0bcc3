import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import pLimit from "p-limit";
import { overloaded } from "../domain/account.ts";

/** Hashes and verifies passwords. */
export type PasswordHasher = {
  /** The password's hash, as a PHC string that carries its own parameters. */
  hash(password: string): Promise<string>;
  /**
   * Whether the password has this hash. False without a hash, after the same work, so that timing does not
   * reveal which accounts exist.
   */
  verify(password: string, stored: string | undefined): Promise<boolean>;
  /** Whether the hash was made with other parameters. */
  needsRehash(stored: string): boolean;
};

export type Argon2Params = { readonly memoryKiB: number; readonly passes: number };

type ParsedHash = Argon2Params & { readonly nonce: Buffer; readonly tag: Buffer };

const derive = promisify(argon2);

/**
 * The fastest of the parameters that OWASP recommends (Password Storage Cheat Sheet): 46 MiB, one pass, one
 * lane; 45 ms on a core of 2025.
 */
export const owaspParams: Argon2Params = { memoryKiB: 47_104, passes: 1 };
/** Leaves the other threads of the pool free for files and name look-ups. */
const maxConcurrentHashes = 2;
const maxQueuedHashes = 50;
const tagBytes = 32;
const nonceBytes = 16;
const phcPattern = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([\w+/-]+)\$([\w+/-]+)$/;

/** argon2id (RFC 9106). Throws OVERLOADED when the queue is full. */
export function argon2Hasher(params: Argon2Params = owaspParams): PasswordHasher {
  const limit = pLimit(maxConcurrentHashes);
  const tagOf = (
    password: string,
    { memoryKiB, passes }: Argon2Params,
    nonce: Buffer,
  ): Promise<Buffer> => {
    if (limit.pendingCount >= maxQueuedHashes) overloaded();
    return limit(() =>
      derive("argon2id", {
        message: password.normalize("NFKC"),
        nonce,
        parallelism: 1,
        tagLength: tagBytes,
        memory: memoryKiB,
        passes,
      }),
    );
  };
  return {
    async hash(password) {
      const nonce = randomBytes(nonceBytes);
      return formatPhc({ ...params, nonce, tag: await tagOf(password, params, nonce) });
    },
    async verify(password, stored) {
      const { nonce, tag, ...usedParams } = stored ? parsePhc(stored) : dummyHash(params);
      return timingSafeEqual(await tagOf(password, usedParams, nonce), tag) && stored !== undefined;
    },
    needsRehash(stored) {
      const { memoryKiB, passes } = parsePhc(stored);
      return memoryKiB !== params.memoryKiB || passes !== params.passes;
    },
  };
}

function dummyHash(params: Argon2Params): ParsedHash {
  return { ...params, nonce: randomBytes(nonceBytes), tag: randomBytes(tagBytes) };
}

function formatPhc({ memoryKiB, passes, nonce, tag }: ParsedHash): string {
  const [salt, hash] = [nonce, tag].map((bytes) => bytes.toString("base64").replace(/=+$/, ""));
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=1$${salt}$${hash}`;
}

function parsePhc(stored: string): ParsedHash {
  const [, memoryKiB, passes, nonce, tag] = phcPattern.exec(stored) ?? [];
  if (!nonce || !tag) throw new Error("a stored password hash cannot be parsed");
  return {
    memoryKiB: Number(memoryKiB),
    passes: Number(passes),
    nonce: Buffer.from(nonce, "base64"),
    tag: Buffer.from(tag, "base64"),
  };
}
