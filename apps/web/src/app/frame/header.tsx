import { useQuery } from "@tanstack/react-query";
import { PenLine } from "lucide-react";
import { lazy, Suspense } from "react";
import { Link, NavLink } from "react-router";
import { t } from "../../lib/messages.ts";
import { sessionQuery } from "../../session/session.ts";
import { LinkButton } from "../../ui/button.tsx";
import { CartLink } from "./cart-link.tsx";
import { ChatNav } from "./chat-nav.tsx";
import { UserMenu } from "./user-menu.tsx";
import { Wordmark } from "./wordmark.tsx";

const LiveChatNav = lazy(() => import("./live-chat-nav.tsx"));

export function Header() {
  const { data: session } = useQuery(sessionQuery);
  return (
    <header className="sticky top-0 z-20 border-b border-line bg-paper/90 backdrop-blur-md">
      <div className="mx-auto flex h-16 max-w-page items-center gap-1 px-4 sm:gap-2 sm:px-6">
        <Link
          to="/"
          aria-label={t("app.frame.home")}
          className="me-2 flex min-h-11 items-center rounded-md text-ink"
        >
          <Wordmark />
        </Link>
        <nav aria-label={t("app.frame.main")} className="hidden gap-1 md:flex">
          <MainNavLink to="/" end>
            {t("app.frame.posts")}
          </MainNavLink>
          <MainNavLink to="/shop">{t("app.frame.shop")}</MainNavLink>
          {session && <MainNavLink to="/members">{t("app.frame.members")}</MainNavLink>}
          {session?.isAdmin && <MainNavLink to="/admin">{t("app.frame.admin")}</MainNavLink>}
        </nav>
        <div className="ms-auto flex items-center gap-1 sm:gap-2">
          {session && (
            <Suspense fallback={<ChatNav />}>
              <LiveChatNav userId={session.user.id} />
            </Suspense>
          )}
          <CartLink />
          {session && (
            <LinkButton to="/write" variant="primary" className="max-sm:px-3">
              <PenLine className="size-4.5" aria-hidden />
              <span className="max-sm:sr-only">{t("app.frame.newPost")}</span>
            </LinkButton>
          )}
          {session === null && (
            <>
              <LinkButton to="/sign-in" variant="plain">
                {t("ui.common.signIn")}
              </LinkButton>
              <LinkButton to="/sign-up" variant="primary" className="max-sm:hidden">
                {t("ui.common.signUp")}
              </LinkButton>
            </>
          )}
          <UserMenu session={session ?? null} />
        </div>
      </div>
    </header>
  );
}

type MainNavLinkProps = { to: string; end?: boolean; children: string };

/** Also marked as the current one on the pages below it, unless `end` is set. */
function MainNavLink({ to, end = false, children }: MainNavLinkProps) {
  return (
    <NavLink
      to={to}
      end={end}
      className="flex min-h-11 items-center rounded-md px-3 text-sm font-semibold text-soft hover:bg-sunken hover:text-ink aria-[current=page]:text-accent"
    >
      {children}
    </NavLink>
  );
}
