import { AuthService } from "@plaza/contract/auth/v1/auth";
import { defineService, type Service } from "@plaza/kit/runtime/service";
import { createContext } from "./context.ts";
import { argon2Hasher, type PasswordHasher } from "./crypto/password-hasher.ts";
import { sweep } from "./jobs/sweep.ts";
import { seed } from "./seed.ts";
import { authService } from "./service.ts";

export const auth = defineAuthService(argon2Hasher());

/** The service with a hasher of one's own; tests bring one that is quick, and counts. */
export function defineAuthService(hasher: PasswordHasher): Service {
  return defineService({
    name: "auth",
    contract: AuthService,
    migrations: new URL("./migrations/", import.meta.url),
    create(deps) {
      const shared = createContext(deps, hasher);
      return {
        implementation: authService(shared),
        tasks: [{ name: "sweep", intervalMs: 60_000, run: () => sweep(shared) }],
        seed: () => seed(shared),
      };
    },
  });
}
