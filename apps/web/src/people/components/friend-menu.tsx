import { Relation_State as State } from "@plaza/contract/friends/v1/friends";
import type { User } from "@plaza/contract/users/v1/users";
import { Ban, Ellipsis, Undo2, UserMinus, X } from "lucide-react";
import { useState } from "react";
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
        label={`More about ${user.nickname}`}
        buttonClass="grid size-11 place-items-center rounded-md text-faint hover:bg-sunken hover:text-ink"
        button={<Ellipsis className="size-5" aria-hidden />}
      >
        {canDecline && state === State.INCOMING && (
          <MenuAction icon={X} text="Decline" onPress={() => onAction("decline")} />
        )}
        {state === State.OUTGOING && (
          <MenuAction icon={Undo2} text="Withdraw request" onPress={() => onAction("withdraw")} />
        )}
        {state === State.CONFIRMED && (
          <MenuAction icon={UserMinus} text="Remove friend" onPress={() => setDialog("remove")} />
        )}
        <MenuAction icon={Ban} text="Block" onPress={() => setDialog("block")} />
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
  const { nickname } = user;
  const { mutate, isPending, error } = useRelationAction(user.id);
  const [title, confirmLabel, explanation] = {
    remove: [
      `Remove ${nickname} from your friends?`,
      "Remove friend",
      `You can still read what you wrote to each other. ${nickname} is not told.`,
    ],
    block: [
      `Block ${nickname}?`,
      "Block",
      `${nickname} cannot write to you, ask to be your friend, or find you, and is not told why. If you are friends, that ends.`,
    ],
  }[relationAction];
  return (
    <ConfirmDialog
      title={title ?? ""}
      confirmLabel={confirmLabel ?? ""}
      mutation={{ mutate: () => mutate(relationAction, { onSuccess: onClose }), isPending, error }}
      onClose={onClose}
    >
      {explanation}
    </ConfirmDialog>
  );
}
