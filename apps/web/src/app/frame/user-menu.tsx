import {
  LogOut,
  Menu as MenuIcon,
  Package,
  Settings,
  ShieldCheck,
  Store,
  UserPlus,
  UserRound,
  Users,
} from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { Link, useNavigate } from "react-router";
import { outboxOf } from "../../chat/pending-message-store.ts";
import { describe } from "../../lib/errors.ts";
import { Avatar } from "../../people/components/avatar.tsx";
import { type Session, useSignOut } from "../../session/session.ts";
import { Menu, menuItemLook } from "../../ui/menu.tsx";
import { toast } from "../../ui/toasts.ts";
import { ThemeSwitch } from "./theme-switch.tsx";

const SignOutDialog = lazy(() => import("./sign-out-dialog.tsx"));

export function UserMenu({ session }: { session: Session | null }) {
  const [isAsking, setAsking] = useState(false);
  const signOut = useLeaving();
  // What is not sent yet goes with the member.
  const hasLetters = () => session && outboxOf(session.user.id).letters().length > 0;
  return (
    <>
      <Menu
        label={session ? `Menu of ${session.user.nickname}` : "Menu"}
        look="grid size-11 place-items-center rounded-full text-soft hover:bg-sunken hover:text-ink"
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
            className={menuItemLook}
            onClick={() => (hasLetters() ? setAsking(true) : void signOut())}
          >
            <LogOut aria-hidden />
            Sign out
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
      <Item to={`/members/${user.id}`} icon={<UserRound aria-hidden />}>
        {user.nickname}
      </Item>
      <Item to="/account" icon={<Settings aria-hidden />}>
        Account
      </Item>
      <Item to="/orders" icon={<Package aria-hidden />}>
        My orders
      </Item>
      <div className="md:hidden">
        <ShopItem />
        <Item to="/members" icon={<Users aria-hidden />}>
          Members
        </Item>
        {isAdmin && (
          <Item to="/admin" icon={<ShieldCheck aria-hidden />}>
            Admin
          </Item>
        )}
      </div>
    </>
  );
}

function VisitorItems() {
  return (
    <div className="md:hidden">
      <ShopItem />
      <div className="sm:hidden">
        <Item to="/sign-up" icon={<UserPlus aria-hidden />}>
          Sign up
        </Item>
      </div>
    </div>
  );
}

function ShopItem() {
  return (
    <Item to="/shop" icon={<Store aria-hidden />}>
      Shop
    </Item>
  );
}

/** Signs out, and says how that went. */
function useLeaving() {
  const signOut = useSignOut();
  const navigate = useNavigate();
  return async () => {
    try {
      await navigate("/");
      await signOut();
      toast("You are signed out.");
    } catch (error) {
      toast(describe(error));
    }
  };
}

function Item({ to, icon, children }: { to: string; icon: ReactNode; children: string }) {
  return (
    <Link to={to} className={menuItemLook}>
      {icon}
      {children}
    </Link>
  );
}
