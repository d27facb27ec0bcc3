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

/** Cards are optional: a slow lookup must not delay the requests that share it. */
const cardTimeoutMs = 1_000;

/**
 * Creates the loader of user cards: id, nickname, names and avatar. The loads of one turn become one call to
 * users, in the service's own name, because all callers see the same cards, and in the trace of the first
 * load. Returns undefined for an unknown user, and for all while users is unavailable.
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
      log.warn({ err }, "user cards unavailable");
      return [];
    }
  };
  const loadCard = batchedReads({ read, keyOf: ({ id }) => id, maxBatchSize: 100 });
  return (id, context) => {
    headers ??= traceHeaders(context);
    return loadCard(id);
  };
}
