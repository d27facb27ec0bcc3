import type { HandlerContext } from "@connectrpc/connect";
import type { Db } from "@plaza/kit/db/database";
import { requireAccount } from "@plaza/kit/identity/caller";
import { noSuchChat } from "../domain/chat.ts";
import { findActiveMemberships } from "../store/memberships.ts";

/** The caller, who is in the chat. Throws NO_SUCH_CHAT. */
export async function requireMember(
  db: Db,
  chatId: string,
  context: HandlerContext,
): Promise<string> {
  const userId = requireAccount(context).id;
  const [standing] = await findActiveMemberships(db, [{ chatId, userId }]);
  if (!standing) noSuchChat(chatId);
  return userId;
}
