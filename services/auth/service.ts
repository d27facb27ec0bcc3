import type { ServiceImpl } from "@connectrpc/connect";
import type { AuthService } from "@plaza/contract/auth/v1/auth";
import type { ServiceContext } from "./context.ts";
import { accountReads } from "./rpc/account-reads.ts";
import { accountWrites } from "./rpc/account-writes.ts";
import { introspection } from "./rpc/introspection.ts";
import { sessions } from "./rpc/sessions.ts";
import { changePassword } from "./use-cases/change-password.ts";
import { refresh } from "./use-cases/refresh.ts";
import { register } from "./use-cases/register.ts";
import { signIn } from "./use-cases/sign-in.ts";

export function authService(deps: ServiceContext): ServiceImpl<typeof AuthService> {
  return {
    ...register(deps),
    ...signIn(deps),
    ...refresh(deps),
    ...sessions(deps),
    ...changePassword(deps),
    ...introspection(deps),
    ...accountReads(deps),
    ...accountWrites(deps),
  };
}
