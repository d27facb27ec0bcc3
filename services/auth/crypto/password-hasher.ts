import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import pLimit from "p-limit";
import { overloaded } from "../domain/account.ts";

/** Turns passwords into what may be stored, and checks them. */
export type Hasher = {
  /** The password's hash, as a PHC string that carries its own parameters. */
  hash(password: string): Promise<string>;
  /**
   * Whether the password has this hash. Without a hash the answer is no, after the same work, so that
   * an unknown account cannot be told from a wrong password.
   */
  verify(password: string, stored: string | undefined): Promise<boolean>;
  /** Whether the hash was made with other parameters than those of today. */
  isOutdated(stored: string): boolean;
};

export type Cost = { readonly memoryKiB: number; readonly passes: number };

type Stored = Cost & { readonly nonce: Buffer; readonly tag: Buffer };

const derive = promisify(argon2);

/**
 * OWASP's choice of least time (Password Storage Cheat Sheet): 46 MiB, one pass, one lane; 45 ms on a
 * core of 2025. Two at a time keep the other threads of the pool free for files and name look-ups.
 */
export const owaspCost: Cost = { memoryKiB: 47_104, passes: 1 };
const atOnce = 2;
const mostWaiting = 50;
const tagBytes = 32;
const nonceBytes = 16;
const phc = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([\w+/-]+)\$([\w+/-]+)$/;

/** argon2id (RFC 9106). Throws OVERLOADED rather than let a queue grow that nobody will wait for. */
export function argon2Hasher(cost: Cost = owaspCost): Hasher {
  const limit = pLimit(atOnce);
  const tagOf = (password: string, { memoryKiB, passes }: Cost, nonce: Buffer): Promise<Buffer> => {
    if (limit.pendingCount >= mostWaiting) overloaded();
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
      return format({ ...cost, nonce, tag: await tagOf(password, cost, nonce) });
    },
    async verify(password, stored) {
      const { nonce, tag, ...with_ } = stored ? parse(stored) : impossible(cost);
      return timingSafeEqual(await tagOf(password, with_, nonce), tag) && stored !== undefined;
    },
    isOutdated(stored) {
      const { memoryKiB, passes } = parse(stored);
      return memoryKiB !== cost.memoryKiB || passes !== cost.passes;
    },
  };
}

function impossible(cost: Cost): Stored {
  return { ...cost, nonce: randomBytes(nonceBytes), tag: randomBytes(tagBytes) };
}

function format({ memoryKiB, passes, nonce, tag }: Stored): string {
  const [salt, hash] = [nonce, tag].map((bytes) => bytes.toString("base64").replace(/=+$/, ""));
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=1$${salt}$${hash}`;
}

function parse(stored: string): Stored {
  const [, memoryKiB, passes, nonce, tag] = phc.exec(stored) ?? [];
  if (!nonce || !tag) throw new Error("a stored password hash cannot be read");
  return {
    memoryKiB: Number(memoryKiB),
    passes: Number(passes),
    nonce: Buffer.from(nonce, "base64"),
    tag: Buffer.from(tag, "base64"),
  };
}
