import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, Pencil, ShoppingBasket } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { t } from "../../lib/messages.ts";
import { ProfileForm } from "../../people/components/profile-form.tsx";
import { ConfirmDialog, Dialog } from "../../ui/dialog.tsx";
import { Menu, menuItemClass } from "../../ui/menu.tsx";
import { MenuAction } from "../../ui/menu-action.tsx";
import { toast } from "../../ui/toasts.ts";
import type { ManagedUser } from "../managed-user-queries.ts";
import { type UserAction, userActions } from "../user-actions.ts";

/** The admin's actions on a user. */
export function ManagedUserMenu({ managed }: { managed: ManagedUser }) {
  const { user } = managed;
  const { nickname } = user;
  const [dialog, setDialog] = useState<"edit" | UserAction>();
  const client = useQueryClient();
  const finish = async (text: string) => {
    setDialog(undefined);
    // Admins can change their own account, so the session is read again too.
    for (const key of ["managed-users", "user", "session"]) {
      await client.invalidateQueries({ queryKey: [key] });
    }
    toast(text);
  };
  return (
    <>
      <Menu
        label={t("admin.userMenu.label", { nickname })}
        buttonClass="grid size-11 place-items-center rounded-md text-faint hover:bg-sunken hover:text-ink"
        button={<Ellipsis className="size-5" aria-hidden />}
      >
        <MenuAction
          icon={Pencil}
          text={t("admin.userMenu.editProfile")}
          onPress={() => setDialog("edit")}
        />
        <Link to={`/admin/carts/${user.id}`} className={menuItemClass}>
          <ShoppingBasket aria-hidden />
          {t("admin.common.cart")}
        </Link>
        {userActions(managed).map((action) => (
          <MenuAction
            key={action.name}
            icon={action.icon}
            text={t(`admin.userAction.label.${action.name}`)}
            onPress={() => setDialog(action)}
          />
        ))}
      </Menu>
      {dialog === "edit" && (
        <Dialog
          title={t("admin.userMenu.editProfileOf", { nickname })}
          onClose={() => setDialog(undefined)}
          wide
        >
          <ProfileForm
            user={user}
            onSaved={() => finish(t("admin.userMenu.profileSaved", { nickname }))}
          />
        </Dialog>
      )}
      {typeof dialog === "object" && (
        <UserActionDialog
          userAction={dialog}
          nickname={nickname}
          onDone={finish}
          onClose={() => setDialog(undefined)}
        />
      )}
    </>
  );
}

type UserActionDialogProps = {
  userAction: UserAction;
  nickname: string;
  onDone: (text: string) => Promise<void>;
  onClose: () => void;
};

function UserActionDialog({ userAction, nickname, onDone, onClose }: UserActionDialogProps) {
  const { name, isDestructive, run } = userAction;
  const mutation = useMutation({
    mutationFn: run,
    onSuccess: () => onDone(t(`admin.userAction.done.${name}`, { nickname })),
  });
  return (
    <ConfirmDialog
      title={t(`admin.userAction.question.${name}`, { nickname })}
      confirmLabel={t(`admin.userAction.label.${name}`)}
      variant={isDestructive ? "danger" : "primary"}
      mutation={mutation}
      onClose={onClose}
    >
      {t(`admin.userAction.explanation.${name}`, { nickname })}
    </ConfirmDialog>
  );
}
