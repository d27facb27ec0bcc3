import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import { type AuthService, IntrospectResponseSchema } from "@plaza/contract/auth/v1/auth";
import { prune, readMask, selects } from "@plaza/kit/rpc/field-mask";
import { nicknameOf } from "../clients/users.ts";
import type { Parts } from "../context.ts";
import { digest, parseCookie } from "../crypto/secrets.ts";
import {
  after,
  invalidSession,
  type LiveSession,
  minute,
  type Session,
  sessionLifeMs,
} from "../domain/account.ts";
import * as store from "../store/sessions.ts";

type Methods = "introspect" | "filterLiveSessions" | "resolveSession" | "getJwks";

/** Noting every use would be a write for every request. */
const noteUseMs = 5 * minute;

export function introspection(parts: Parts): Pick<ServiceImpl<typeof AuthService>, Methods> {
  const { db, now, tokens, keys } = parts;

  async function liveFor(accessToken: string) {
    const token = await tokens.read(accessToken);
    const session = token && (await store.findLiveById(db, token.account.sessionId, now()));
    if (!session || session.accountId !== token.account.id) return undefined;
    return { session, expireTime: token.expireTime };
  }

  return {
    async introspect({ token, readMask: paths }, context) {
      const mask = readMask(IntrospectResponseSchema, paths);
      const live = await liveFor(token);
      if (!live) return { active: false };
      const { session, expireTime } = live;
      const isNamed = selects(mask, "nickname");
      const response = create(IntrospectResponseSchema, {
        accountId: session.accountId,
        sessionId: session.id,
        roles: [...session.roles],
        expireTime: timestampFromDate(expireTime),
        nickname: isNamed ? await nicknameOf(parts, session.accountId, context) : "",
      });
      // RFC 7662 requires it in every answer, whatever else is asked for.
      return { ...prune(IntrospectResponseSchema, response, mask), active: true };
    },

    async filterLiveSessions({ ids }) {
      const live = await store.findLiveByIds(db, ids, now());
      return { ids: live.map(({ id }) => id) };
    },

    async resolveSession({ credential }) {
      const secret = parseCookie(credential);
      const found = secret
        ? await store.findLiveBySecret(db, digest(secret), now())
        : (await liveFor(credential))?.session;
      const session = found && (!secret || found.kind === "cookie") ? found : invalidSession();
      const use = used(session, now());
      if (use) await store.saveUse(db, use);
      const { accountId, id: sessionId, roles } = session;
      const accessToken = await tokens.mint({ id: accountId, sessionId, roles });
      const isExtended = use !== undefined && use.kind === "cookie";
      const cookieMaxAge = isExtended ? sessionLifeMs / 1_000 : 0;
      return { accessToken, accountId, sessionId, cookieMaxAge };
    },

    async getJwks() {
      return { keys: (await keys.published()).map((key) => ({ ...key })) };
    },
  };
}

/** The session as its use leaves it, when that is worth noting: a cookie lives on by being used. */
function used(session: LiveSession, now: Date): Session | undefined {
  if (now < after(session.lastUseTime, noteUseMs)) return undefined;
  const { kind, expireTime } = session;
  const end = kind === "cookie" ? after(now, sessionLifeMs) : expireTime;
  return { ...session, lastUseTime: now, expireTime: end };
}
