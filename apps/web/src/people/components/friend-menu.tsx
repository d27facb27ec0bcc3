import { Relation_State as State } from "@plaza/contract/friends/v1/friends";
import type { User } from "@plaza/contract/users/v1/users";
import { Ban, Ellipsis, Undo2, UserMinus, X } from "lucide-react";
import { useState } from "react";
import { t } from "../../lib/messages.ts";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { Menu } from "../../ui/menu.tsx";
import { MenuAction } from "../../ui/menu-action.tsx";
import { type RelationAction, useRelationAction } from "../use-relation-action.ts";

type FriendMenuProps = {
  user: User;
  state: State;
  onAction: (action: RelationAction) => void;
  canDecline: boolean;
};

/** The other actions on the relation to a user. Removing and blocking ask first. */
export function FriendMenu({ user, state, onAction, canDecline }: FriendMenuProps) {
  const [dialog, setDialog] = useState<"remove" | "block">();
  if (state === State.BLOCKED) return null;
  return (
    <>
      <Menu
        label={t("people.friendMenu.label", { name: user.nickname })}
        buttonClass="grid size-11 place-items-center rounded-md text-faint hover:bg-sunken hover:text-ink"
        button={<Ellipsis className="size-5" aria-hidden />}
      >
        {canDecline && state === State.INCOMING && (
          <MenuAction
            icon={X}
            text={t("people.relationAction.decline")}
            onPress={() => onAction("decline")}
          />
        )}
        {state === State.OUTGOING && (
          <MenuAction
            icon={Undo2}
            text={t("people.relationAction.withdraw")}
            onPress={() => onAction("withdraw")}
          />
        )}
        {state === State.CONFIRMED && (
          <MenuAction
            icon={UserMinus}
            text={t("people.relationAction.remove")}
            onPress={() => setDialog("remove")}
          />
        )}
        <MenuAction
          icon={Ban}
          text={t("people.relationAction.block")}
          onPress={() => setDialog("block")}
        />
      </Menu>
      {dialog && (
        <RelationActionDialog
          user={user}
          relationAction={dialog}
          onClose={() => setDialog(undefined)}
        />
      )}
    </>
  );
}

type RelationActionDialogProps = {
  user: User;
  relationAction: "remove" | "block";
  onClose: () => void;
};

function RelationActionDialog({ user, relationAction, onClose }: RelationActionDialogProps) {
  const name = user.nickname;
  const { mutate, isPending, error } = useRelationAction(user.id);
  return (
    <ConfirmDialog
      title={t(`people.relationDialog.title.${relationAction}`, { name })}
      confirmLabel={t(`people.relationAction.${relationAction}`)}
      mutation={{ mutate: () => mutate(relationAction, { onSuccess: onClose }), isPending, error }}
      onClose={onClose}
    >
      {t(`people.relationDialog.explanation.${relationAction}`, { name })}
    </ConfirmDialog>
  );
}
