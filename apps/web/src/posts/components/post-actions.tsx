import type { Post } from "@plaza/contract/posts/v1/posts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { posts } from "../../lib/clients.ts";
import { t } from "../../lib/messages.ts";
import { useNavigate } from "../../lib/routing/router-contexts.ts";
import { Button, LinkButton } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { toast } from "../../ui/toasts.ts";
import { Trans } from "../../ui/trans.tsx";
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
      toast(t("posts.delete.done"));
    },
  });
  return (
    <div className="flex gap-2">
      <LinkButton to={`/posts/${post.id}/edit`}>
        <Pencil className="size-4" aria-hidden />
        {t("ui.common.edit")}
      </LinkButton>
      <Button onClick={() => setAsking(true)}>
        <Trash2 className="size-4" aria-hidden />
        {t("ui.common.delete")}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={t("posts.delete.title")}
          confirmLabel={t("posts.delete.confirm")}
          mutation={deletion}
          onClose={() => setAsking(false)}
        >
          <Trans id="posts.delete.warning" values={{ title: <bdi>{post.title}</bdi> }} />
        </ConfirmDialog>
      )}
    </div>
  );
}
