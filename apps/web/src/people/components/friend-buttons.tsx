import { type Relation, Relation_State as State } from "@plaza/contract/friends/v1/friends";
import type { User } from "@plaza/contract/users/v1/users";
import { useQuery } from "@tanstack/react-query";
import { Check, MessageSquare, UserPlus } from "lucide-react";
import { t } from "../../lib/messages.ts";
import { useSession } from "../../session/session.ts";
import { Button } from "../../ui/button.tsx";
import { relationQuery } from "../relation-queries.ts";
import { useOpenDirectChat } from "../use-open-direct-chat.ts";
import { type RelationAction, useRelationAction } from "../use-relation-action.ts";
import { FriendMenu } from "./friend-menu.tsx";

type FriendButtonsProps = {
  user: User;
  /** Whether there is room for a second button. */
  wide?: boolean;
};

/** The main action on the relation to a user as a button, the others in a menu. */
export function FriendButtons(props: FriendButtonsProps) {
  const session = useSession();
  return session && session.user.id !== props.user.id && <Buttons {...props} />;
}

function Buttons({ user, wide = false }: FriendButtonsProps) {
  const { data: relation } = useQuery(relationQuery(user.id));
  const { mutate: runAction } = useRelationAction(user.id);
  if (!relation) return <div className="skeleton h-11 w-36" aria-hidden />;
  return (
    <div className="flex max-w-full flex-wrap items-center gap-2">
      <PrimaryAction user={user} relation={relation} onAction={runAction} />
      {wide && relation.state === State.INCOMING && (
        <Button onClick={() => runAction("decline")}>{t("people.relationAction.decline")}</Button>
      )}
      <FriendMenu user={user} state={relation.state} onAction={runAction} canDecline={!wide} />
    </div>
  );
}

type PrimaryActionProps = {
  user: User;
  relation: Relation;
  onAction: (action: RelationAction) => void;
};

function PrimaryAction({ user, relation, onAction }: PrimaryActionProps) {
  switch (relation.state) {
    case State.CONFIRMED:
      return <OpenChatButton user={user} />;
    case State.INCOMING:
      return (
        <Button variant="primary" onClick={() => onAction("confirm")}>
          <Check className="size-4.5" aria-hidden />
          {t("people.relationAction.confirm")}
        </Button>
      );
    case State.OUTGOING:
      return (
        <p className="flex min-h-11 items-center gap-2 px-2 text-sm font-semibold text-faint">
          <Check className="size-4.5" aria-hidden />
          {t("people.friendButtons.requested")}
        </p>
      );
    case State.BLOCKED:
      return (
        <Button onClick={() => onAction("unblock")}>{t("people.relationAction.unblock")}</Button>
      );
    default:
      return (
        <Button onClick={() => onAction("request")}>
          <UserPlus className="size-4.5" aria-hidden />
          {t("people.relationAction.request")}
        </Button>
      );
  }
}

function OpenChatButton({ user }: { user: User }) {
  const { mutate: openChat, isPending } = useOpenDirectChat();
  return (
    <Button busy={isPending} onClick={() => openChat(user.id)}>
      <MessageSquare className="size-4.5" aria-hidden />
      {t("people.friendButtons.message")}
    </Button>
  );
}
