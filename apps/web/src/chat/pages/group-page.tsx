import { type Chat, Role } from "@plaza/contract/chat/v1/chats";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { LogOut, UserPlus } from "lucide-react";
import { useState } from "react";
import { useParams } from "react-router";
import { chats } from "../../lib/clients.ts";
import { t } from "../../lib/messages.ts";
import { useNavigate } from "../../lib/routing/router-contexts.ts";
import { useSession } from "../../session/session.ts";
import { BackLink } from "../../ui/back-link.tsx";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { PageFailure } from "../../ui/failure.tsx";
import { Heading } from "../../ui/heading.tsx";
import { isolate } from "../../ui/isolate.ts";
import { NotFoundPage } from "../../ui/not-found-page.tsx";
import { AvatarRowsSkeleton } from "../../ui/skeletons.tsx";
import { cacheChat } from "../chat-cache.ts";
import { chatQuery } from "../chat-queries.ts";
import { isDirectChat } from "../chat-title.ts";
import { AddMembersDialog } from "../components/add-members-dialog.tsx";
import { GroupMemberRow } from "../components/group-member-row.tsx";
import { GroupTitleForm } from "../components/group-title-form.tsx";

/** The members and the title of a group. */
export function GroupPage() {
  const { id = "" } = useParams();
  const { data: chat, isPending, error, refetch } = useQuery(chatQuery(id));
  return (
    <div className="h-full overflow-y-auto px-4 pt-5 pb-10 md:px-8">
      {isPending && <AvatarRowsSkeleton />}
      {!isPending && !chat && <PageFailure error={error} onRetry={() => void refetch()} />}
      {chat && (isDirectChat(chat) ? <NotFoundPage /> : <Group key={chat.id} chat={chat} />)}
    </div>
  );
}

function Group({ chat }: { chat: Chat }) {
  const userId = useSession()?.user.id ?? "";
  const client = useQueryClient();
  const [dialog, setDialog] = useState<"add" | "leave">();
  const close = () => setDialog(undefined);
  const mayModerate = chat.role === Role.OWNER || chat.role === Role.MODERATOR;
  const isMember = chat.members.some((member) => member.userId === userId);
  return (
    <div className="max-w-xl">
      <BackLink to={`/chats/${chat.id}`}>{t("chat.group.backToChat")}</BackLink>
      <Heading title={chat.title} className="mb-5 text-2xl font-bold" />
      {isMember && mayModerate && (
        <GroupTitleForm
          key={chat.title}
          chat={chat}
          onSaved={(saved) => cacheChat(client, saved)}
        />
      )}
      <div className="mt-6 flex flex-wrap items-center justify-between gap-3">
        <h2 className="text-lg font-semibold">
          {t("chat.memberCount", { count: chat.memberCount })}
        </h2>
        {isMember && mayModerate && (
          <Button onClick={() => setDialog("add")}>
            <UserPlus className="size-4.5" aria-hidden />
            {t("chat.group.addFriends")}
          </Button>
        )}
      </div>
      <ul aria-label={t("chat.group.members")} className="mt-2">
        {chat.members.map((member) => (
          <GroupMemberRow key={member.userId} chat={chat} member={member} userId={userId} />
        ))}
      </ul>
      {isMember && (
        <Button className="mt-6" onClick={() => setDialog("leave")}>
          <LogOut className="size-4.5" aria-hidden />
          {t("chat.group.leave")}
        </Button>
      )}
      {dialog === "add" && <AddMembersDialog chat={chat} onClose={close} />}
      {dialog === "leave" && <LeaveDialog chat={chat} onClose={close} />}
    </div>
  );
}

function LeaveDialog({ chat, onClose }: { chat: Chat; onClose: () => void }) {
  const navigate = useNavigate();
  const leave = useMutation({
    mutationFn: () => chats.leaveChat({ chatId: chat.id }),
    onSuccess: () => navigate("/chats"),
  });
  const needsOwner = chat.role === Role.OWNER && chat.memberCount > 1;
  return (
    <ConfirmDialog
      title={t("chat.leaveGroup.title", { title: isolate(chat.title) })}
      confirmLabel={t("chat.group.leave")}
      mutation={leave}
      onClose={onClose}
    >
      {t(needsOwner ? "chat.leaveGroup.ownerExplanation" : "chat.leaveGroup.explanation")}
    </ConfirmDialog>
  );
}
