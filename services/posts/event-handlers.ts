import { PostDeletedSchema } from "@plaza/contract/posts/v1/events";
import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import { insertDeletedUser } from "@plaza/kit/db/deleted-users";
import { type EventHandler, onEvent } from "@plaza/kit/events/event-handler";
import { publishAll } from "@plaza/kit/events/outbox";
import * as store from "./store.ts";

/** Deleting a user deletes their posts. */
export const postEventHandlers: readonly EventHandler[] = [
  onEvent("users", UserDeletedSchema, async (tx, { userId }) => {
    await insertDeletedUser(tx, userId);
    const ids = await store.deletePostsByAuthor(tx, userId);
    const events = ids.map((id) => ({ init: { postId: id, authorId: userId }, aggregateId: id }));
    if (events.length > 0) await publishAll(tx, PostDeletedSchema, events);
  }),
];
