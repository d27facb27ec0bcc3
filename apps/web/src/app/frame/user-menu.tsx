import {
  LogOut,
  Menu as MenuIcon,
  Package,
  Settings,
  ShieldCheck,
  UserPlus,
  UserRound,
} from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { Link } from "react-router";
import { pendingMessageStore } from "../../chat/pending-message-store.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { t } from "../../lib/messages.ts";
import { useNavigate } from "../../lib/routing/router-contexts.ts";
import { Avatar } from "../../people/components/avatar.tsx";
import { leaveMemberPage } from "../../session/leave-member-page.ts";
import { type Session, useSignOut } from "../../session/session.ts";
import { Menu, menuItemClass } from "../../ui/menu.tsx";
import { toast } from "../../ui/toasts.ts";
import { ThemeSwitch } from "./theme-switch.tsx";

const SignOutDialog = lazy(() => import("./sign-out-dialog.tsx"));

export function UserMenu({ session }: { session: Session | null }) {
  const [isAsking, setAsking] = useState(false);
  const signOut = useSignOutAndNotify();
  const hasPendingMessages = () =>
    session && pendingMessageStore(session.user.id).list().length > 0;
  return (
    <>
      <Menu
        label={
          session
            ? t("app.userMenu.label", { nickname: session.user.nickname })
            : t("app.userMenu.visitor")
        }
        buttonClass="grid size-11 place-items-center rounded-full text-soft hover:bg-sunken hover:text-ink"
        button={
          session ? (
            <Avatar user={session.user} size="sm" />
          ) : (
            <MenuIcon className="size-5.5" aria-hidden />
          )
        }
      >
        {session ? <MemberItems session={session} /> : <VisitorItems />}
        <div className="p-1.5">
          <ThemeSwitch />
        </div>
        {session && (
          <button
            type="button"
            className={menuItemClass}
            onClick={() => (hasPendingMessages() ? setAsking(true) : void signOut())}
          >
            <LogOut aria-hidden />
            {t("ui.common.signOut")}
          </button>
        )}
      </Menu>
      {isAsking && (
        <Suspense>
          <SignOutDialog onSignOut={signOut} onClose={() => setAsking(false)} />
        </Suspense>
      )}
    </>
  );
}

function MemberItems({ session: { user, isAdmin } }: { session: Session }) {
  return (
    <>
      <MenuLink to={`/members/${user.id}`} icon={<UserRound aria-hidden />}>
        {user.nickname}
      </MenuLink>
      <MenuLink to="/account" icon={<Settings aria-hidden />}>
        {t("app.userMenu.account")}
      </MenuLink>
      <MenuLink to="/orders" icon={<Package aria-hidden />}>
        {t("app.userMenu.orders")}
      </MenuLink>
      {isAdmin && (
        <div className="md:hidden">
          <MenuLink to="/admin" icon={<ShieldCheck aria-hidden />}>
            {t("app.frame.admin")}
          </MenuLink>
        </div>
      )}
    </>
  );
}

function VisitorItems() {
  return (
    <div className="sm:hidden">
      <MenuLink to="/sign-up" icon={<UserPlus aria-hidden />}>
        {t("ui.common.signUp")}
      </MenuLink>
    </div>
  );
}

/** Signs out, and shows a toast when it is done or has failed. */
function useSignOutAndNotify() {
  const signOut = useSignOut();
  const navigate = useNavigate();
  return async () => {
    try {
      await leaveMemberPage(navigate);
      await signOut();
      toast(t("app.signOut.signedOut"));
    } catch (error) {
      toast(errorMessage(error));
    }
  };
}

function MenuLink({ to, icon, children }: { to: string; icon: ReactNode; children: string }) {
  return (
    <Link to={to} className={menuItemClass}>
      {icon}
      {children}
    </Link>
  );
}
