import type { ServiceImpl } from "@connectrpc/connect";
import type { AuthService } from "@plaza/contract/auth/v1/auth";
import { clientNetwork } from "@plaza/kit/identity/client-network";
import { propagateAsService } from "@plaza/kit/rpc/call-options";
import type { ServiceContext } from "../context.ts";
import { rejectCommonPassword } from "../crypto/common-passwords.ts";
import { sha256 } from "../crypto/secrets.ts";
import {
  emailTaken,
  normalizeEmail,
  registrationInProgress,
  registrationLeaseMs,
} from "../domain/account.ts";
import { addressKey } from "../login-throttle.ts";
import { clientInfoOf } from "../mappers/client-info.ts";
import { insertKnownAddress } from "../store/login-attempts.ts";
import { insertSession } from "../store/sessions.ts";
import { fromSessionKind, newSession, toSignInResponse } from "./new-session.ts";
import { acquireRegistration, finishRegistration } from "./registration.ts";

const roles = ["member"];

export function register(deps: ServiceContext): Pick<ServiceImpl<typeof AuthService>, "register"> {
  const { now, newId, tokens, throttle } = deps;
  return {
    async register(request, context) {
      const { password, nickname } = request;
      const email = normalizeEmail(request.email);
      const origin = clientInfoOf(context);
      const calls = propagateAsService(context);
      await rejectCommonPassword("password", password);
      // An address that is taken tells whose account there is: counted like a wrong password.
      const claimed = await throttle.attempt(
        [addressKey(clientNetwork(origin.address))],
        () => acquireRegistration(deps, { email, password }, calls),
        (made) => typeof made === "object",
      );
      if (claimed === "taken") emailTaken();
      if (claimed === "in_progress") registrationInProgress(registrationLeaseMs);

      const { accountId } = claimed;
      const opened = newSession(
        newId(),
        accountId,
        fromSessionKind(request.session),
        origin,
        now(),
      );
      const user = await finishRegistration(
        deps,
        claimed,
        { email, nickname, roles },
        async (tx) => {
          await insertSession(tx, opened.session);
          await insertKnownAddress(tx, accountId, sha256(clientNetwork(origin.address)), now());
        },
      );
      const token = await tokens.issue({ id: accountId, sessionId: opened.session.id, roles });
      return toSignInResponse(opened, user, token, context);
    },
  };
}
