import type { ServiceImpl } from "@connectrpc/connect";
import type { AuthService } from "@plaza/contract/auth/v1/auth";
import type { ServiceContext } from "./context.ts";
import { accountReads } from "./rpc/account-reads.ts";
import { accountWrites } from "./rpc/account-writes.ts";
import { credentialMethods } from "./rpc/credentials.ts";
import { introspection } from "./rpc/introspection.ts";
import { sessions } from "./rpc/sessions.ts";

export function authService(deps: ServiceContext): ServiceImpl<typeof AuthService> {
  return {
    ...credentialMethods(deps),
    ...sessions(deps),
    ...introspection(deps),
    ...accountReads(deps),
    ...accountWrites(deps),
  };
}
