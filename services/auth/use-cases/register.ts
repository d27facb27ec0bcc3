import type { ServiceImpl } from "@connectrpc/connect";
import type { AuthService } from "@plaza/contract/auth/v1/auth";
import { asService } from "@plaza/kit/rpc/call-options";
import type { Parts } from "../context.ts";
import { refuseCommon } from "../crypto/common-passwords.ts";
import { digest } from "../crypto/secrets.ts";
import { claimMs, emailTaken, normalEmail, registrationInProgress } from "../domain/account.ts";
import { fromAddress } from "../login-throttle.ts";
import { networkOf, originOf } from "../mappers/client-info.ts";
import { insertKnownAddress } from "../store/login-attempts.ts";
import { insertSession } from "../store/sessions.ts";
import { kindOf, newSession, signedIn } from "./new-session.ts";
import { claim, complete } from "./registration.ts";

const roles = ["member"];

export function register(parts: Parts): Pick<ServiceImpl<typeof AuthService>, "register"> {
  const { now, newId, tokens, throttle } = parts;
  return {
    async register(request, context) {
      const { password, nickname } = request;
      const email = normalEmail(request.email);
      const origin = originOf(context);
      const calls = asService(context);
      await refuseCommon("password", password);
      // An address that is taken tells whose account there is: counted like a wrong password.
      const claimed = await throttle.guess(
        [fromAddress(networkOf(origin.address))],
        () => claim(parts, { email, password }, calls),
        (made) => typeof made === "object",
      );
      if (claimed === "taken") emailTaken();
      if (claimed === "in_progress") registrationInProgress(claimMs);

      const { accountId } = claimed;
      const opened = newSession(newId(), accountId, kindOf(request.session), origin, now());
      const user = await complete(parts, claimed, { email, nickname, roles }, async (tx) => {
        await insertSession(tx, opened.session);
        await insertKnownAddress(tx, accountId, digest(networkOf(origin.address)), now());
      });
      const token = await tokens.mint({ id: accountId, sessionId: opened.session.id, roles });
      return signedIn(opened, user, token, context);
    },
  };
}
