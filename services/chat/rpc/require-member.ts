import type { HandlerContext } from "@connectrpc/connect";
import type { Db } from "@plaza/kit/db/database";
import { requireAccount } from "@plaza/kit/identity/caller";
import { noSuchChat } from "../domain/chat.ts";
import { findActiveMemberships } from "../store/memberships.ts";

/** The caller's id. Throws NO_SUCH_CHAT unless they are a member. */
export async function requireMember(
  db: Db,
  chatId: string,
  context: HandlerContext,
): Promise<string> {
  const userId = requireAccount(context).id;
  const [membership] = await findActiveMemberships(db, [{ chatId, userId }]);
  if (!membership) noSuchChat(chatId);
  return userId;
}
