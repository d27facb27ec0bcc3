import type { ServiceImpl } from "@connectrpc/connect";
import type { FriendService } from "@plaza/contract/friends/v1/friends";
import type { Parts } from "./context.ts";
import { friendReads } from "./reads.ts";
import { friendSteps } from "./writes.ts";

export function friendService(parts: Parts): ServiceImpl<typeof FriendService> {
  return { ...friendSteps(parts), ...friendReads(parts) };
}
