import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, Pencil, Power, ShieldCheck, ShieldOff, Trash2 } from "lucide-react";
import { useState } from "react";
import { auth, users } from "../api.ts";
import { describe } from "../faults.ts";
import type { ManagedUser } from "../people.ts";
import { toast } from "../toasts.ts";
import { ConfirmDialog, Dialog } from "./dialog.tsx";
import { Menu, menuItemLook } from "./menu.tsx";
import { ProfileForm } from "./profile-form.tsx";

type Change = { run: () => Promise<unknown>; done: string };

/** What an admin can do to one user. */
export function ManagedUserMenu({
  managed: { user, isAdmin, isDeactivated },
}: {
  managed: ManagedUser;
}) {
  const { id, nickname } = user;
  const [dialog, setDialog] = useState<"edit" | "delete">();
  const client = useQueryClient();
  const close = () => setDialog(undefined);
  const finish = async (text: string) => {
    close();
    await client.invalidateQueries({ queryKey: ["managed-users"] });
    await client.invalidateQueries({ queryKey: ["user", id] });
    toast(text);
  };
  const change = useMutation({
    mutationFn: ({ run }: Change) => run(),
    onSuccess: (_, { done }) => finish(done),
    onError: (error) => toast(describe(error)),
  });
  const deletion = useMutation({
    mutationFn: () => users.deleteUser({ id }),
    onSuccess: () => finish(`${nickname} is deleted.`),
  });
  const role: Change = isAdmin
    ? {
        run: () => auth.revokeRole({ id, role: "admin" }),
        done: `${nickname} is no longer an admin.`,
      }
    : { run: () => auth.grantRole({ id, role: "admin" }), done: `${nickname} is an admin now.` };
  const state: Change = isDeactivated
    ? { run: () => auth.reactivateAccount({ id }), done: `${nickname} can sign in again.` }
    : { run: () => auth.deactivateAccount({ id }), done: `${nickname} is deactivated.` };

  return (
    <>
      <Menu
        label={`Actions for ${nickname}`}
        look="grid size-11 place-items-center rounded-md text-faint hover:bg-sunken hover:text-ink"
        button={<Ellipsis className="size-5" aria-hidden />}
      >
        <Action icon={Pencil} text="Edit profile" onPress={() => setDialog("edit")} />
        <Action
          icon={isAdmin ? ShieldOff : ShieldCheck}
          text={isAdmin ? "Revoke admin" : "Make admin"}
          onPress={() => change.mutate(role)}
        />
        <Action
          icon={Power}
          text={isDeactivated ? "Reactivate" : "Deactivate"}
          onPress={() => change.mutate(state)}
        />
        <Action icon={Trash2} text="Delete" onPress={() => setDialog("delete")} />
      </Menu>
      {dialog === "edit" && (
        <Dialog title={`Profile of ${nickname}`} onClose={close} wide>
          <ProfileForm user={user} onSaved={() => finish(`The profile of ${nickname} is saved.`)} />
        </Dialog>
      )}
      {dialog === "delete" && (
        <ConfirmDialog
          title={`Delete ${nickname}?`}
          action="Delete user"
          busy={deletion.isPending}
          error={deletion.error}
          onConfirm={() => deletion.mutate()}
          onClose={close}
        >
          The account, the profile and all posts of {nickname} will be gone for good.
        </ConfirmDialog>
      )}
    </>
  );
}

type ActionProps = { icon: typeof Pencil; text: string; onPress: () => void };

function Action({ icon: Icon, text, onPress }: ActionProps) {
  return (
    <button type="button" className={menuItemLook} onClick={onPress}>
      <Icon aria-hidden />
      {text}
    </button>
  );
}
