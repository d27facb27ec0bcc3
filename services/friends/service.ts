import type { ServiceImpl } from "@connectrpc/connect";
import type { FriendService } from "@plaza/contract/friends/v1/friends";
import type { ServiceContext } from "./context.ts";
import { friendReads } from "./reads.ts";
import { friendWrites } from "./writes.ts";

export function friendService(deps: ServiceContext): ServiceImpl<typeof FriendService> {
  return { ...friendWrites(deps), ...friendReads(deps) };
}
