import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import { type AuthService, IntrospectResponseSchema } from "@plaza/contract/auth/v1/auth";
import { propagateAsService } from "@plaza/kit/rpc/call-options";
import { includesField, parseReadMask, prune } from "@plaza/kit/rpc/field-mask";
import { findNickname } from "../clients/users.ts";
import type { ServiceContext } from "../context.ts";
import { parseCookie, sha256 } from "../crypto/secrets.ts";
import {
  type LiveSession,
  type Session,
  sessionTtlMs,
  throwInvalidSession,
  useWriteIntervalMs,
} from "../domain/session.ts";
import { addMs } from "../domain/time.ts";
import * as store from "../store/sessions.ts";

type Methods = "introspect" | "filterLiveSessions" | "resolveSession" | "getJwks";

export function introspection(
  deps: ServiceContext,
): Pick<ServiceImpl<typeof AuthService>, Methods> {
  const { db, now, tokens, keys } = deps;

  async function findByAccessToken(accessToken: string) {
    const token = await tokens.verify(accessToken);
    const session = token && (await store.findLiveById(db, token.account.sessionId, now()));
    if (!session || session.accountId !== token.account.id) return undefined;
    return { session, expireTime: token.expireTime };
  }

  return {
    async introspect({ token, readMask: paths }, context) {
      const mask = parseReadMask(IntrospectResponseSchema, paths);
      const live = await findByAccessToken(token);
      if (!live) return { active: false };
      const { session, expireTime } = live;
      const isNamed = includesField(mask, "nickname");
      const response = create(IntrospectResponseSchema, {
        accountId: session.accountId,
        sessionId: session.id,
        roles: [...session.roles],
        expireTime: timestampFromDate(expireTime),
        nickname: isNamed
          ? await findNickname(deps, session.accountId, propagateAsService(context))
          : "",
      });
      // RFC 7662 requires `active` in every response, whatever the mask.
      return { ...prune(IntrospectResponseSchema, response, mask), active: true };
    },

    async filterLiveSessions({ ids }) {
      const live = await store.findLiveByIds(db, ids, now());
      return { ids: live.map(({ id }) => id) };
    },

    async resolveSession({ credential }) {
      const secret = parseCookie(credential);
      const found = secret
        ? await store.findLiveBySecret(db, sha256(secret), now())
        : (await findByAccessToken(credential))?.session;
      const session = found && (!secret || found.kind === "cookie") ? found : throwInvalidSession();
      const use = touchSession(session, now());
      if (use) await store.saveLastUse(db, use);
      const { accountId, id: sessionId, roles } = session;
      const accessToken = await tokens.issue({ id: accountId, sessionId, roles });
      const isExtended = use !== undefined && use.kind === "cookie";
      const cookieMaxAge = isExtended ? sessionTtlMs / 1_000 : 0;
      return { accessToken, accountId, sessionId, cookieMaxAge };
    },

    async getJwks() {
      return { keys: (await keys.publicKeys()).map((key) => ({ ...key })) };
    },
  };
}

/**
 * The session with its last use, which extends a cookie's life. Undefined when the last use recorded
 * is recent.
 */
function touchSession(session: LiveSession, now: Date): Session | undefined {
  if (now < addMs(session.lastUseTime, useWriteIntervalMs)) return undefined;
  const { kind, expireTime } = session;
  const end = kind === "cookie" ? addMs(now, sessionTtlMs) : expireTime;
  return { ...session, lastUseTime: now, expireTime: end };
}
