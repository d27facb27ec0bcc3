import { create } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import type { HandlerContext } from "@connectrpc/connect";
import { type User, UserService } from "@plaza/contract/users/v1/users";
import { batchedReads } from "../db/batch.ts";
import { traceHeaders } from "../rpc/call-options.ts";
import type { Deps } from "../runtime/service.ts";

const cardFields = create(FieldMaskSchema, {
  paths: ["id", "nickname", "first_name", "last_name", "avatar_url"],
});

/** A card is a nicety, and one call serves many requests: it must not hold them up for long. */
const cardTimeoutMs = 1_000;

/**
 * Makes the read of a user's card: id, nickname, names and avatar; undefined for a user who is gone. The
 * reads of one turn become one call to users, whoever makes them: a card shows everybody the same, so
 * the call is made in the service's own name. It belongs to the trace of the first who asks. When users
 * is out of reach there are no cards.
 */
export function createUserCardLoader({
  client,
  log,
}: Pick<Deps, "client" | "log">): (
  id: string,
  context: HandlerContext,
) => Promise<User | undefined> {
  const users = client(UserService);
  let headers: Record<string, string> | undefined;
  const read = async (ids: string[]): Promise<User[]> => {
    const options = { timeoutMs: cardTimeoutMs, ...(headers && { headers }) };
    headers = undefined;
    try {
      return (await users.batchGetUsers({ ids, readMask: cardFields }, options)).users;
    } catch (err) {
      log.warn({ err }, "people are shown without their cards");
      return [];
    }
  };
  const findCard = batchedReads({ read, keyOf: ({ id }) => id, maxBatchSize: 100 });
  return (id, context) => {
    headers ??= traceHeaders(context);
    return findCard(id);
  };
}
