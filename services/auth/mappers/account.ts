import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import * as wire from "@plaza/contract/auth/v1/auth";
import type { Account, Session } from "../domain/account.ts";

export function toAccount({ id, email, roles, state, createTime }: Account): wire.Account {
  const { ACTIVE, DEACTIVATED } = wire.AccountState;
  return create(wire.AccountSchema, {
    id,
    email,
    roles: [...roles],
    state: state === "active" ? ACTIVE : DEACTIVATED,
    createTime: timestampFromDate(createTime),
  });
}

export function toSession(session: Session, currentId: string): wire.Session {
  const { id, kind, userAgent, address, createTime, lastUseTime, expireTime } = session;
  const { COOKIE, TOKENS } = wire.SessionKind;
  return create(wire.SessionSchema, {
    id,
    kind: kind === "cookie" ? COOKIE : TOKENS,
    userAgent,
    address,
    createTime: timestampFromDate(createTime),
    lastUseTime: timestampFromDate(lastUseTime),
    expireTime: timestampFromDate(expireTime),
    current: id === currentId,
  });
}
