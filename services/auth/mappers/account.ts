import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import * as wire from "@plaza/contract/auth/v1/auth";
import type { Account } from "../domain/account.ts";

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
