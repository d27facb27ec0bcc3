import { AuthService } from "@plaza/contract/auth/v1/auth";
import { defineService, type Service } from "@plaza/kit/runtime/service";
import { createContext } from "./context.ts";
import { argon2Hasher, type PasswordHasher } from "./crypto/password-hasher.ts";
import { sweep } from "./jobs/sweep.ts";
import { seed } from "./seed.ts";
import { authService } from "./service.ts";

export const auth = defineAuthService(argon2Hasher());

/** The service with another hasher; tests pass a fast one that counts. */
export function defineAuthService(hasher: PasswordHasher): Service {
  return defineService({
    name: "auth",
    contract: AuthService,
    migrations: new URL("./migrations/", import.meta.url),
    create(deps) {
      const context = createContext(deps, hasher);
      return {
        implementation: authService(context),
        tasks: [{ name: "purge expired records", intervalMs: 60_000, run: () => sweep(context) }],
        seed: () => seed(context),
      };
    },
  });
}
