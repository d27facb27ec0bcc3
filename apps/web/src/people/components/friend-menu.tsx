import { Relation_State as State } from "@plaza/contract/friends/v1/friends";
import type { User } from "@plaza/contract/users/v1/users";
import { Ban, Ellipsis, Undo2, UserMinus, X } from "lucide-react";
import { useState } from "react";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { Menu } from "../../ui/menu.tsx";
import { MenuAction } from "../../ui/menu-action.tsx";
import { type Step, useStep } from "../friends.ts";

type FriendMenuProps = {
  user: User;
  state: State;
  take: (step: Step) => void;
  canDecline: boolean;
};

/** What else one can do about somebody. What cannot be undone asks first. */
export function FriendMenu({ user, state, take, canDecline }: FriendMenuProps) {
  const [asking, setAsking] = useState<"remove" | "block">();
  if (state === State.BLOCKED) return null;
  return (
    <>
      <Menu
        label={`More about ${user.nickname}`}
        look="grid size-11 place-items-center rounded-md text-faint hover:bg-sunken hover:text-ink"
        button={<Ellipsis className="size-5" aria-hidden />}
      >
        {canDecline && state === State.INCOMING && (
          <MenuAction icon={X} text="Decline" onPress={() => take("decline")} />
        )}
        {state === State.OUTGOING && (
          <MenuAction icon={Undo2} text="Withdraw request" onPress={() => take("withdraw")} />
        )}
        {state === State.CONFIRMED && (
          <MenuAction icon={UserMinus} text="Remove friend" onPress={() => setAsking("remove")} />
        )}
        <MenuAction icon={Ban} text="Block" onPress={() => setAsking("block")} />
      </Menu>
      {asking && <StepDialog user={user} step={asking} onClose={() => setAsking(undefined)} />}
    </>
  );
}

type StepDialogProps = { user: User; step: "remove" | "block"; onClose: () => void };

function StepDialog({ user, step, onClose }: StepDialogProps) {
  const { nickname } = user;
  const { mutate, isPending, error } = useStep(user.id);
  const [title, action, says] = {
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
  }[step];
  return (
    <ConfirmDialog
      title={title ?? ""}
      action={action ?? ""}
      of={{ mutate: () => mutate(step, { onSuccess: onClose }), isPending, error }}
      onClose={onClose}
    >
      {says}
    </ConfirmDialog>
  );
}
