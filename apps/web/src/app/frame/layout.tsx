import { useState } from "react";
import { Link, Outlet, useLocation, useMatch } from "react-router";
import { t } from "../../lib/messages.ts";
import { useOnline } from "../../lib/reachability.ts";
import { usePageStatus } from "../../lib/routing/router-contexts.ts";
import { sitePath } from "../../lib/site-path.ts";
import { IsNavigation } from "../../ui/heading.tsx";
import { ProgressBar } from "../../ui/progress-bar.tsx";
import { ToastRegion } from "../../ui/toast-region.tsx";
import { BottomNavigation } from "./bottom-navigation.tsx";
import { Header } from "./header.tsx";

export function Layout() {
  const location = useLocation();
  const [firstLocation] = useState(location);
  const { isMoving } = usePageStatus();
  // Chats fill the window and scroll inside.
  const isFull = useMatch("/chats/*") !== null;
  // Where one writes on a phone, the room is for the messages.
  const isConversation = useMatch("/chats/:id") !== null;
  return (
    <div className={`flex flex-col ${isFull ? "h-dvh" : "min-h-dvh"}`}>
      <a
        href="#content"
        className="fixed top-2 start-2 z-40 -translate-y-20 rounded-md bg-fill px-4 py-3 text-sm font-semibold text-on-fill focus:translate-y-0"
      >
        {t("app.frame.skip")}
      </a>
      <Header />
      <OfflineNotice />
      <main
        id="content"
        tabIndex={-1}
        aria-busy={isMoving}
        className={`mx-auto w-full max-w-page flex-1 ${isFull ? "min-h-0 md:px-6" : "px-4 pt-8 pb-20 sm:px-6 sm:pt-12"}`}
      >
        <IsNavigation value={location !== firstLocation}>
          <Outlet />
        </IsNavigation>
      </main>
      {!isFull && <Footer />}
      {!isConversation && <BottomNavigation />}
      <ProgressBar isLoading={isMoving} />
      <ToastRegion />
    </div>
  );
}

function OfflineNotice() {
  const isOnline = useOnline();
  return (
    <p role="status" className="bg-sunken text-center text-sm text-soft">
      {!isOnline && <span className="block px-4 py-1.5">{t("app.frame.offline")}</span>}
    </p>
  );
}

function Footer() {
  return (
    <footer className="border-t border-line">
      <div className="mx-auto flex max-w-page flex-wrap gap-x-6 gap-y-2 px-4 py-6 text-xs text-faint sm:px-6">
        <p className="me-auto">{t("app.frame.about")}</p>
        <Link to="/" className="touch-target hover:text-ink hover:underline">
          {t("app.frame.posts")}
        </Link>
        <Link to="/shop" className="touch-target hover:text-ink hover:underline">
          {t("app.frame.shop")}
        </Link>
        <a href={sitePath("/docs")} className="touch-target hover:text-ink hover:underline">
          {t("app.frame.api")}
        </a>
      </div>
    </footer>
  );
}
