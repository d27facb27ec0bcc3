import { useRef } from "react";
import { postDraftPrefix } from "../lib/drafts.ts";
import { reasonOf } from "../lib/errors.ts";
import { newIdempotencyKey } from "../lib/idempotency-key.ts";
import { t } from "../lib/messages.ts";
import type { Revision } from "../ui/forms/conflicts.ts";
import { useDraftEdit } from "../ui/forms/use-draft-edit.ts";
import { useDraft } from "../ui/forms/use-draft-form.ts";

export type PostText = { title: string; body: string };

export type PostDraft = PostText & {
  /** Idempotency key of CreatePost: publishing twice makes one post. */
  idempotencyKey: string;
};

type PostDraftOptions = {
  /** Where the text is written, for its draft: `new`, or the id of the post. */
  place: string;
  /** The post as it was read; empty for a new one. */
  initial: Revision<PostText>;
  /** Reads the post again. */
  load: () => Promise<Revision<PostText>>;
  /** Publishes or saves the post, the latter if it still has the etag. */
  send: (draft: PostDraft, etag: string) => Promise<void>;
};

/** A form for a post that stores its text in this browser at each change and restores it. */
export function usePostDraft({ place, initial, load, send }: PostDraftOptions) {
  const draftPlace = postDraftPrefix + place;
  const storedKey = useDraft(draftPlace).read()?.["idempotencyKey"];
  const key = useRef(typeof storedKey === "string" ? storedKey : newIdempotencyKey());
  return useDraftEdit<PostText>({
    place: draftPlace,
    initial,
    labels: { title: t("posts.form.title"), body: t("posts.form.body") },
    load,
    extra: { idempotencyKey: key.current },
    async save(values, _, etag) {
      try {
        await send({ ...values, idempotencyKey: key.current }, etag);
      } catch (error) {
        // A post with this key exists. The author who reads that message and publishes again wants another post.
        if (reasonOf(error) === "KEY_REUSED") key.current = newIdempotencyKey();
        throw error;
      }
      return { values, etag };
    },
  });
}
