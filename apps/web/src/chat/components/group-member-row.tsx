import { type Chat, type Member, Role } from "@plaza/contract/chat/v1/chats";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Crown, Ellipsis, ShieldCheck, ShieldOff, UserMinus } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { chats } from "../../lib/member-clients.ts";
import { Avatar } from "../../people/components/avatar.tsx";
import { displayName } from "../../people/names.ts";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { Menu } from "../../ui/menu.tsx";
import { MenuAction } from "../../ui/menu-action.tsx";
import { cacheChat } from "../chat-cache.ts";
import { useUserCard } from "./person-name.tsx";

type GroupMemberRowProps = { chat: Chat; member: Member; userId: string };

const roleNames: Record<number, string> = {
  [Role.MODERATOR]: "Moderator",
  [Role.OWNER]: "Owner",
};

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
        {member.userId === userId && <span className="text-faint"> (you)</span>}
      </p>
      <span className="text-sm text-faint">{roleNames[member.role]}</span>
      {member.userId !== userId && canManageRole(chat.role, member.role) && (
        <MemberMenu chat={chat} member={member} name={name} />
      )}
    </li>
  );
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
  return (
    <>
      <Menu
        label={`More about ${name}`}
        buttonClass="grid size-11 place-items-center rounded-md text-faint hover:bg-sunken hover:text-ink"
        button={<Ellipsis className="size-5" aria-hidden />}
      >
        {chat.role === Role.OWNER && (
          <>
            <MenuAction
              icon={isModerator ? ShieldOff : ShieldCheck}
              text={isModerator ? "No longer a moderator" : "Make moderator"}
              onPress={() => setDialog("moderator")}
            />
            <MenuAction
              icon={Crown}
              text="Make owner"
              onPress={() => setDialog("transferOwnership")}
            />
          </>
        )}
        <MenuAction icon={UserMinus} text="Remove" onPress={() => setDialog("remove")} />
      </Menu>
      {dialog === "remove" && (
        <ConfirmDialog
          title={`Remove ${name} from the group?`}
          confirmLabel="Remove"
          mutation={removal}
          onClose={close}
        >
          {name} will not see what is said from now on.
        </ConfirmDialog>
      )}
      {dialog === "moderator" && (
        <ConfirmDialog
          title={
            isModerator ? `Take the moderator role from ${name}?` : `Make ${name} a moderator?`
          }
          confirmLabel={isModerator ? "No longer a moderator" : "Make moderator"}
          variant={isModerator ? "danger" : "primary"}
          mutation={{
            ...setRole,
            mutate: () =>
              setRole.mutate(isModerator ? Role.MEMBER : Role.MODERATOR, { onSuccess: close }),
          }}
          onClose={close}
        >
          Moderators rename the group, add and remove members, and delete messages.
        </ConfirmDialog>
      )}
      {dialog === "transferOwnership" && (
        <ConfirmDialog
          title={`Hand the group over to ${name}?`}
          confirmLabel="Make owner"
          mutation={{
            ...setRole,
            mutate: () => setRole.mutate(Role.OWNER, { onSuccess: close }),
          }}
          onClose={close}
        >
          You will be a moderator then. Only {name} can undo this.
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
