import type { ServiceImpl } from "@connectrpc/connect";
import type { AuthService } from "@plaza/contract/auth/v1/auth";
import { requireAccount } from "@plaza/kit/identity/caller";
import { propagateAsService } from "@plaza/kit/rpc/call-options";
import type { ServiceContext } from "../context.ts";
import { clientInfoOf } from "../mappers/client-info.ts";
import { fromSessionKind } from "../mappers/session.ts";
import { changePassword } from "../use-cases/change-password.ts";
import { refreshSession } from "../use-cases/refresh-session.ts";
import { register } from "../use-cases/register.ts";
import { signIn } from "../use-cases/sign-in.ts";
import { toSignInResponse } from "./sign-in-response.ts";

type Methods = "register" | "login" | "refresh" | "changePassword";

/** The methods that take a password or a refresh token. */
export function credentialMethods(
  deps: ServiceContext,
): Pick<ServiceImpl<typeof AuthService>, Methods> {
  return {
    async register({ email, password, nickname, session }, context) {
      const applicant = { email, password, nickname, sessionKind: fromSessionKind(session) };
      const calls = propagateAsService(context);
      const result = await register(deps, applicant, clientInfoOf(context), calls);
      return toSignInResponse(result, context);
    },

    async login({ login, password, session }, context) {
      const credentials = { login, password, sessionKind: fromSessionKind(session) };
      const calls = propagateAsService(context);
      const result = await signIn(deps, credentials, clientInfoOf(context), calls);
      return toSignInResponse(result, context);
    },

    async refresh({ refreshToken }, context) {
      const result = await refreshSession(deps, refreshToken, propagateAsService(context));
      return toSignInResponse(result, context);
    },

    async changePassword({ currentPassword, newPassword }, context) {
      await changePassword(deps, requireAccount(context), currentPassword, newPassword);
      return {};
    },
  };
}
