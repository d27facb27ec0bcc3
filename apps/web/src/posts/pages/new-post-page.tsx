import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { posts } from "../../lib/clients.ts";
import { useSession } from "../../session/session.ts";
import { Heading } from "../../ui/heading.tsx";
import { toast } from "../../ui/toasts.ts";
import { PostForm } from "../components/post-form.tsx";
import type { PostDraft } from "../draft-storage.ts";
import { refreshPostLists } from "../post-queries.ts";

const emptyPost = { values: { title: "", body: "" }, etag: "" };

export function NewPostPage() {
  const session = useSession();
  const client = useQueryClient();
  const navigate = useNavigate();
  const publish = async (draft: PostDraft) => {
    const post = await posts.createPost(draft);
    await refreshPostLists(client);
    await navigate(`/posts/${post.id}`);
    toast("Published.");
  };
  return (
    <>
      <Heading title="Write a post" className="mb-6 text-3xl font-bold" />
      <PostForm
        storageKey={`plaza.draft.${session?.user.id}`}
        initial={emptyPost}
        load={async () => emptyPost}
        submitLabel="Publish"
        cancelTo="/"
        onSubmit={publish}
      />
    </>
  );
}
