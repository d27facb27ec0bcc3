import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import * as wire from "@plaza/contract/auth/v1/auth";
import { SessionKind as WireKind } from "@plaza/contract/auth/v1/auth";
import type { Session, SessionKind } from "../domain/session.ts";

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

export function fromSessionKind(wire: WireKind): SessionKind {
  return wire === WireKind.COOKIE ? "cookie" : "tokens";
}
