import { type Chat, type Member, Role } from "@plaza/contract/chat/v1/chats";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Crown, Ellipsis, ShieldCheck, ShieldOff, UserMinus } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { chats } from "../../lib/clients.ts";
import { t } from "../../lib/messages.ts";
import { Avatar } from "../../people/components/avatar.tsx";
import { displayName } from "../../people/names.ts";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { Menu } from "../../ui/menu.tsx";
import { MenuAction } from "../../ui/menu-action.tsx";
import { cacheChat } from "../chat-cache.ts";
import { useUserCard } from "./person-name.tsx";

type GroupMemberRowProps = { chat: Chat; member: Member; userId: string };

/** A member of a group with their role, and a menu for those who can change it. */
export function GroupMemberRow({ chat, member, userId }: GroupMemberRowProps) {
  const person = useUserCard(chat, member.userId);
  const name = displayName(person);
  return (
    <li className="flex items-center gap-4 border-b border-line py-3 last:border-0">
      <Avatar user={person ?? undefined} size="md" />
      <p className="min-w-0 flex-1 truncate">
        <Link
          to={`/members/${member.userId}`}
          className="touch-target font-semibold hover:text-accent hover:underline"
        >
          <bdi>{name}</bdi>
        </Link>
        {member.userId === userId && (
          <span className="text-faint"> {t("chat.groupMember.you")}</span>
        )}
      </p>
      <span className="text-sm text-faint">{roleName(member.role)}</span>
      {member.userId !== userId && canManageRole(chat.role, member.role) && (
        <MemberMenu chat={chat} member={member} name={name} />
      )}
    </li>
  );
}

function roleName(role: Role): string {
  if (role === Role.OWNER) return t("chat.groupMember.owner");
  return role === Role.MODERATOR ? t("chat.groupMember.moderator") : "";
}

/** Owners manage all other members, moderators those without a role. */
function canManageRole(role: Role, other: Role): boolean {
  return role === Role.OWNER || (role === Role.MODERATOR && other === Role.MEMBER);
}

type MemberMenuProps = { chat: Chat; member: Member; name: string };

function MemberMenu({ chat, member, name }: MemberMenuProps) {
  const [dialog, setDialog] = useState<"remove" | "moderator" | "transferOwnership">();
  const { setRole, removal } = useMemberMutations(chat, member);
  const close = () => setDialog(undefined);
  const isModerator = member.role === Role.MODERATOR;
  const moderatorLabel = t(
    isModerator ? "chat.groupMember.removeAsModerator" : "chat.groupMember.makeModerator",
  );
  return (
    <>
      <Menu
        label={t("chat.groupMember.menu", { name })}
        buttonClass="grid size-11 place-items-center rounded-md text-faint hover:bg-sunken hover:text-ink"
        button={<Ellipsis className="size-5" aria-hidden />}
      >
        {chat.role === Role.OWNER && (
          <>
            <MenuAction
              icon={isModerator ? ShieldOff : ShieldCheck}
              text={moderatorLabel}
              onPress={() => setDialog("moderator")}
            />
            <MenuAction
              icon={Crown}
              text={t("chat.groupMember.makeOwner")}
              onPress={() => setDialog("transferOwnership")}
            />
          </>
        )}
        <MenuAction
          icon={UserMinus}
          text={t("chat.groupMember.remove")}
          onPress={() => setDialog("remove")}
        />
      </Menu>
      {dialog === "remove" && (
        <ConfirmDialog
          title={t("chat.removeMember.title", { name })}
          confirmLabel={t("chat.removeMember.confirm")}
          mutation={removal}
          onClose={close}
        >
          {t("chat.removeMember.explanation", { name })}
        </ConfirmDialog>
      )}
      {dialog === "moderator" && (
        <ConfirmDialog
          title={t(isModerator ? "chat.removeModerator.title" : "chat.makeModerator.title", {
            name,
          })}
          confirmLabel={moderatorLabel}
          variant={isModerator ? "danger" : "primary"}
          mutation={{
            ...setRole,
            mutate: () =>
              setRole.mutate(isModerator ? Role.MEMBER : Role.MODERATOR, { onSuccess: close }),
          }}
          onClose={close}
        >
          {t("chat.makeModerator.explanation")}
        </ConfirmDialog>
      )}
      {dialog === "transferOwnership" && (
        <ConfirmDialog
          title={t("chat.makeOwner.title", { name })}
          confirmLabel={t("chat.groupMember.makeOwner")}
          mutation={{
            ...setRole,
            mutate: () => setRole.mutate(Role.OWNER, { onSuccess: close }),
          }}
          onClose={close}
        >
          {t("chat.makeOwner.explanation", { name })}
        </ConfirmDialog>
      )}
    </>
  );
}

function useMemberMutations({ id: chatId }: Chat, { userId }: Member) {
  const client = useQueryClient();
  const setRole = useMutation({
    mutationFn: (role: Role) => chats.setMemberRole({ chatId, userId, role }),
    onSuccess: (after) => cacheChat(client, after),
  });
  const removal = useMutation({
    mutationFn: () => chats.removeMember({ chatId, userId }),
    onSuccess: (after) => cacheChat(client, after),
  });
  return { setRole, removal };
}
