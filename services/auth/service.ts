import type { ServiceImpl } from "@connectrpc/connect";
import type { AuthService } from "@plaza/contract/auth/v1/auth";
import { accountReads } from "./accounts.ts";
import { changePassword } from "./change-password.ts";
import { introspection } from "./introspection.ts";
import type { Parts } from "./parts.ts";
import { refresh } from "./refresh.ts";
import { register } from "./register.ts";
import { roles } from "./roles.ts";
import { sessions } from "./sessions.ts";
import { signIn } from "./sign-in.ts";

export function authService(parts: Parts): ServiceImpl<typeof AuthService> {
  return {
    ...register(parts),
    ...signIn(parts),
    ...refresh(parts),
    ...sessions(parts),
    ...changePassword(parts),
    ...introspection(parts),
    ...accountReads(parts),
    ...roles(parts),
  };
}
