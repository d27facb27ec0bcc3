import {
  Ellipsis,
  Pencil,
  Power,
  ShieldCheck,
  ShieldOff,
  ShoppingBasket,
  Trash2,
} from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { ProfileForm } from "../../people/components/profile-form.tsx";
import { ConfirmDialog, Dialog } from "../../ui/dialog.tsx";
import { Menu, menuItemClass } from "../../ui/menu.tsx";
import { MenuAction } from "../../ui/menu-action.tsx";
import type { ManagedUser } from "../managed-user-queries.ts";
import { useUserManagement } from "../use-user-management.ts";

/** The admin's actions on a user. */
export function ManagedUserMenu({ managed }: { managed: ManagedUser }) {
  const { user, isAdmin, isDeactivated } = managed;
  const { nickname } = user;
  const [dialog, setDialog] = useState<"edit" | "delete">();
  const close = () => setDialog(undefined);
  const { finish, deletion, toggleRole, toggleState } = useUserManagement(managed, close);
  const [role, roleIcon] = isAdmin ? ["Revoke admin", ShieldOff] : ["Make admin", ShieldCheck];
  return (
    <>
      <Menu
        label={`Actions for ${nickname}`}
        buttonClass="grid size-11 place-items-center rounded-md text-faint hover:bg-sunken hover:text-ink"
        button={<Ellipsis className="size-5" aria-hidden />}
      >
        <MenuAction icon={Pencil} text="Edit profile" onPress={() => setDialog("edit")} />
        <MenuAction icon={roleIcon} text={role} onPress={toggleRole} />
        <Link to={`/admin/carts/${user.id}`} className={menuItemClass}>
          <ShoppingBasket aria-hidden />
          Cart
        </Link>
        <MenuAction
          icon={Power}
          text={isDeactivated ? "Reactivate" : "Deactivate"}
          onPress={toggleState}
        />
        <MenuAction icon={Trash2} text="Delete" onPress={() => setDialog("delete")} />
      </Menu>
      {dialog === "edit" && (
        <Dialog title={`Profile of ${nickname}`} onClose={close} wide>
          <ProfileForm user={user} onSaved={() => finish(`The profile of ${nickname} is saved.`)} />
        </Dialog>
      )}
      {dialog === "delete" && (
        <ConfirmDialog
          title={`Delete ${nickname}?`}
          confirmLabel="Delete user"
          mutation={deletion}
          onClose={close}
        >
          The account, the profile and all posts of {nickname} will be gone for good.
        </ConfirmDialog>
      )}
    </>
  );
}
