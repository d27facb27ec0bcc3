import { useQueryClient } from "@tanstack/react-query";
import { posts } from "../../lib/clients.ts";
import { t } from "../../lib/messages.ts";
import { useNavigate } from "../../lib/routing/router-contexts.ts";
import { Heading } from "../../ui/heading.tsx";
import { toast } from "../../ui/toasts.ts";
import { PostForm } from "../components/post-form.tsx";
import { refreshPostLists } from "../post-queries.ts";
import type { PostDraft } from "../use-post-draft.ts";

const emptyPost = { values: { title: "", body: "" }, etag: "" };

export function NewPostPage() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const publish = async (draft: PostDraft) => {
    const post = await posts.createPost(draft);
    await refreshPostLists(client);
    await navigate(`/posts/${post.id}`);
    toast(t("posts.new.published"));
  };
  return (
    <>
      <Heading title={t("posts.new.title")} className="mb-6 text-3xl font-bold" />
      <PostForm
        place="new"
        initial={emptyPost}
        load={async () => emptyPost}
        submitLabel={t("ui.common.publish")}
        cancelTo="/"
        onSubmit={publish}
      />
    </>
  );
}
