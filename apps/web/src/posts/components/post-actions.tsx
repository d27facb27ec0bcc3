import type { Post } from "@plaza/contract/posts/v1/posts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { posts } from "../../lib/clients.ts";
import { Button, LinkButton } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { toast } from "../../ui/toasts.ts";
import { refreshPostLists } from "../post-queries.ts";

/** Edit and Delete, for the author and admins. */
export function PostActions({ post }: { post: Post }) {
  const [isAsking, setAsking] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const deletion = useMutation({
    mutationFn: () => posts.deletePost({ id: post.id }),
    onSuccess: async () => {
      await refreshPostLists(client);
      await navigate("/");
      client.removeQueries({ queryKey: ["post", post.id] });
      toast("The post is deleted.");
    },
  });
  return (
    <div className="flex gap-2">
      <LinkButton to={`/posts/${post.id}/edit`}>
        <Pencil className="size-4" aria-hidden />
        Edit
      </LinkButton>
      <Button onClick={() => setAsking(true)}>
        <Trash2 className="size-4" aria-hidden />
        Delete
      </Button>
      {isAsking && (
        <ConfirmDialog
          title="Delete this post?"
          confirmLabel="Delete post"
          mutation={deletion}
          onClose={() => setAsking(false)}
        >
          “<bdi>{post.title}</bdi>” will be gone for everybody, for good.
        </ConfirmDialog>
      )}
    </div>
  );
}
