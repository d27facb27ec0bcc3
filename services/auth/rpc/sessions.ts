import type { ServiceImpl } from "@connectrpc/connect";
import type { AuthService } from "@plaza/contract/auth/v1/auth";
import { callerOf, requireAccount } from "@plaza/kit/identity/caller";
import type { ServiceContext } from "../context.ts";
import { parseRefreshToken, sha256 } from "../crypto/secrets.ts";
import { noSuchSession, type Session } from "../domain/session.ts";
import { toSession } from "../mappers/session.ts";
import * as store from "../store/sessions.ts";
import { endSession } from "../use-cases/end-sessions.ts";
import { sessionCookieHeader } from "./sign-in-response.ts";

type Methods = "logout" | "listSessions" | "deleteSession";

const maxListedSessions = 100;

export function sessions({
  db,
  now,
}: ServiceContext): Pick<ServiceImpl<typeof AuthService>, Methods> {
  const end = (accountId: string, id: string) =>
    db.begin((tx) => endSession(tx, accountId, id, now()));

  async function endByRefreshToken(refreshToken: string): Promise<Session | undefined> {
    const token = parseRefreshToken(refreshToken);
    const session = token && (await store.findLiveBySecret(db, sha256(token.secret), now()));
    return session && end(session.accountId, session.id);
  }

  return {
    async logout({ refreshToken }, context) {
      const { account } = callerOf(context);
      const ended = refreshToken
        ? await endByRefreshToken(refreshToken)
        : account && (await end(account.id, account.sessionId));
      if (ended?.kind === "cookie") context.responseHeader.set(sessionCookieHeader, "");
      return {};
    },

    async listSessions(_request, context) {
      const { id, sessionId } = requireAccount(context);
      const found = await store.listSessions(db, id, now(), maxListedSessions);
      return { sessions: found.map((session) => toSession(session, sessionId)) };
    },

    async deleteSession({ id }, context) {
      const account = requireAccount(context);
      const ended = (await end(account.id, id)) ?? noSuchSession(id);
      if (ended.kind === "cookie" && ended.id === account.sessionId) {
        context.responseHeader.set(sessionCookieHeader, "");
      }
      return {};
    },
  };
}
