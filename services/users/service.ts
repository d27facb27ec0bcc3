import type { ServiceImpl } from "@connectrpc/connect";
import type { UserService } from "@plaza/contract/users/v1/users";
import type { Deps } from "@plaza/kit/runtime/service";
import { userReads } from "./reads.ts";
import { userWrites } from "./writes.ts";

export function userService(deps: Deps): ServiceImpl<typeof UserService> {
  return { ...userReads(deps), ...userWrites(deps) };
}
