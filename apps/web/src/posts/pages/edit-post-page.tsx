import type { Post } from "@plaza/contract/posts/v1/posts";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "react-router";
import { posts } from "../../lib/clients.ts";
import { t } from "../../lib/messages.ts";
import { useNavigate } from "../../lib/routing/router-contexts.ts";
import { PageFailure } from "../../ui/failure.tsx";
import type { Revision } from "../../ui/forms/conflicts.ts";
import { Heading } from "../../ui/heading.tsx";
import { PageSkeleton } from "../../ui/skeletons.tsx";
import { toast } from "../../ui/toasts.ts";
import { PostForm } from "../components/post-form.tsx";
import { postQuery, refreshPostLists } from "../post-queries.ts";
import type { PostDraft, PostText } from "../use-post-draft.ts";

export function EditPostPage() {
  const { id = "" } = useParams();
  const { data: post, isPending, error, refetch } = useQuery(postQuery(id));
  if (isPending) return <PageSkeleton />;
  if (!post) return <PageFailure error={error} onRetry={() => void refetch()} />;
  return <PostEditor post={post} />;
}

function PostEditor({ post }: { post: Post }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const load = async () =>
    toRevision(await client.fetchQuery({ ...postQuery(post.id), staleTime: 0 }));
  const save = async ({ title, body }: PostDraft, etag: string) => {
    const changed = await posts.updatePost({
      post: { id: post.id, title, body, etag },
      updateMask: { paths: ["title", "body"] },
    });
    client.setQueryData(postQuery(post.id).queryKey, changed);
    await refreshPostLists(client);
    await navigate(`/posts/${post.id}`);
    toast(t("posts.edit.saved"));
  };
  return (
    <>
      <Heading title={t("posts.edit.title")} className="mb-6 text-3xl font-bold" />
      <PostForm
        place={post.id}
        initial={toRevision(post)}
        load={load}
        submitLabel={t("ui.common.save")}
        cancelTo={`/posts/${post.id}`}
        onSubmit={save}
      />
    </>
  );
}

function toRevision({ title, body, etag }: Post): Revision<PostText> {
  return { values: { title, body }, etag };
}
