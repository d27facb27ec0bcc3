import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { posts } from "../../lib/clients.ts";
import { useSession } from "../../session/session.ts";
import { Heading } from "../../ui/heading.tsx";
import { toast } from "../../ui/toasts.ts";
import { PostForm } from "../components/post-form.tsx";
import type { Draft } from "../draft-storage.ts";
import { refreshPosts } from "../post-queries.ts";

const blank = { title: "", body: "" };

export function WritePage() {
  const session = useSession();
  const client = useQueryClient();
  const navigate = useNavigate();
  const publish = async (draft: Draft) => {
    const post = await posts.createPost(draft);
    await refreshPosts(client);
    await navigate(`/posts/${post.id}`);
    toast("Published.");
  };
  return (
    <>
      <Heading title="Write a post" className="mb-6 text-3xl font-bold" />
      <PostForm
        slot={`plaza.draft.${session?.user.id}`}
        initial={blank}
        action="Publish"
        cancelTo="/"
        onSubmit={publish}
      />
    </>
  );
}
