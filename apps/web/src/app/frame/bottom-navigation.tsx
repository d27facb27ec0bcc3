import { useQuery } from "@tanstack/react-query";
import { LogIn, MessagesSquare, Newspaper, Store, UserRound, Users } from "lucide-react";
import { lazy, type ReactNode, Suspense } from "react";
import { NavLink } from "react-router";
import { t } from "../../lib/messages.ts";
import { sessionQuery } from "../../session/session.ts";

const UnreadBadge = lazy(() => import("./unread-badge.tsx"));

/** The main places, below the page on a phone: one tap away, with their names. */
export function BottomNavigation() {
  const { data: session } = useQuery(sessionQuery);
  return (
    <nav
      aria-label={t("app.frame.main")}
      className="sticky bottom-0 z-20 border-t border-line bg-paper pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      <ul className="mx-auto flex max-w-md">
        <Place to="/" end name={t("app.frame.posts")} icon={<Newspaper aria-hidden />} />
        <Place to="/shop" name={t("app.frame.shop")} icon={<Store aria-hidden />} />
        {session && (
          <>
            <Place
              to="/chats"
              name={t("app.frame.chats")}
              icon={
                <>
                  <MessagesSquare aria-hidden />
                  <Suspense>
                    <UnreadBadge />
                  </Suspense>
                </>
              }
            />
            <Place to="/members" end name={t("app.frame.members")} icon={<Users aria-hidden />} />
            <Place
              to={`/members/${session.user.id}`}
              name={t("app.frame.profile")}
              icon={<UserRound aria-hidden />}
            />
          </>
        )}
        {session === null && (
          <Place to="/sign-in" name={t("ui.common.signIn")} icon={<LogIn aria-hidden />} />
        )}
      </ul>
    </nav>
  );
}

type PlaceProps = { to: string; end?: boolean; name: string; icon: ReactNode };

/** Also marked as the current one on the pages below it, unless `end` is set. */
function Place({ to, end = false, name, icon }: PlaceProps) {
  return (
    <li className="min-w-0 flex-1">
      <NavLink
        to={to}
        end={end}
        className="flex min-h-14 flex-col items-center justify-center gap-0.5 text-xs font-semibold text-soft aria-[current=page]:text-accent [&_svg]:size-5.5"
      >
        <span className="relative">{icon}</span>
        {name}
      </NavLink>
    </li>
  );
}
