import type { Client } from "@connectrpc/connect";
import { UserService } from "@plaza/contract/users/v1/users";
import type { Deps } from "@plaza/kit/runtime/service";
import { type AccessTokens, createAccessTokens } from "./crypto/access-tokens.ts";
import type { PasswordHasher } from "./crypto/password-hasher.ts";
import { createSigningKeys, type SigningKeys } from "./crypto/signing-keys.ts";
import { createLoginThrottle, type LoginThrottle } from "./login-throttle.ts";

/** Dependencies shared by the handlers. */
export type ServiceContext = Pick<Deps, "db" | "now" | "newId" | "log"> & {
  readonly users: Client<typeof UserService>;
  readonly hasher: PasswordHasher;
  readonly throttle: LoginThrottle;
  readonly keys: SigningKeys;
  readonly tokens: AccessTokens;
};

export function createContext(
  { db, now, newId, log, client }: Deps,
  hasher: PasswordHasher,
): ServiceContext {
  const keys = createSigningKeys(db, now);
  return {
    db,
    now,
    newId,
    log,
    users: client(UserService),
    hasher,
    throttle: createLoginThrottle(db, now),
    keys,
    tokens: createAccessTokens(keys, now),
  };
}
