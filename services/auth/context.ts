import type { Client } from "@connectrpc/connect";
import { UserService } from "@plaza/contract/users/v1/users";
import type { Deps } from "@plaza/kit/runtime/service";
import { accessTokens, type Tokens } from "./crypto/access-tokens.ts";
import type { Hasher } from "./crypto/password-hasher.ts";
import { type Keys, signingKeys } from "./crypto/signing-keys.ts";
import { type Throttle, throttle } from "./login-throttle.ts";

/** What the handlers share. */
export type Parts = Pick<Deps, "db" | "now" | "newId" | "log"> & {
  readonly users: Client<typeof UserService>;
  readonly hasher: Hasher;
  readonly throttle: Throttle;
  readonly keys: Keys;
  readonly tokens: Tokens;
};

export function parts({ db, now, newId, log, client }: Deps, hasher: Hasher): Parts {
  const keys = signingKeys(db, now);
  return {
    db,
    now,
    newId,
    log,
    users: client(UserService),
    hasher,
    throttle: throttle(db, now),
    keys,
    tokens: accessTokens(keys, now),
  };
}
