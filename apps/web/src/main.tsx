import { flushSync } from "react-dom";
import { createRoot, hydrateRoot } from "react-dom/client";
import { dispatchEarlyEvents } from "./app/early-events.ts";
import { prefetchLinks } from "./app/link-prefetch.ts";
import { type PageState, parsePageState, writeQueries } from "./app/page-state.ts";
import { Pages, routes } from "./app/routes.tsx";
import { Site } from "./app/site.tsx";
import { clearPendingMessages } from "./chat/pending-message-store.ts";
import { loadClients, loadClientsOnUse } from "./lib/clients.ts";
import { drafts, postDraftPrefix, watchWindow } from "./lib/drafts.ts";
import { watchLoadErrors } from "./lib/load-errors.ts";
import { queryClient } from "./lib/query-client.ts";
import { loadRoutes } from "./lib/routing/load-routes.ts";
import { createRouter } from "./lib/routing/router.ts";
import { RouterProvider } from "./lib/routing/router-provider.tsx";
import { pathOnSite } from "./lib/site-path.ts";
import { adoptVisitor, watchSession } from "./session/session.ts";
import { onSessionEnd } from "./session/session-end.ts";
import { PageSkeleton } from "./ui/skeletons.tsx";
import "./ui/styles.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

// Here, because chat code is loaded late: messages that an earlier visit stored must go although chat was not opened.
onSessionEnd((userId) => {
  clearPendingMessages(userId);
  drafts.clear(userId, postDraftPrefix);
});
watchWindow();
watchLoadErrors();
watchSession(queryClient);
prefetchLinks(routes, queryClient);

loadClientsOnUse();

const stateJson = document.getElementById("page-state")?.textContent;
if (stateJson) {
  void renderState(root, parsePageState(stateJson));
} else {
  loadClients();
  render(root, window.location.origin);
}

/** Takes over the page that the server has rendered. */
async function renderState(container: HTMLElement, state: PageState): Promise<void> {
  if (state.isVisitor) adoptVisitor(queryClient);
  else loadClients();
  writeQueries(queryClient, state);
  if (!state.isComplete) {
    render(container, state.origin);
    return;
  }
  // The first render here has the code of the page, as the server's had.
  await loadRoutes(routes, pathOnSite(window.location.pathname));
  flushSync(() => hydrateRoot(container, siteFrom(state.origin)));
  dispatchEarlyEvents();
}

/** Renders the page from nothing: there is no element that an early event could have been meant for. */
function render(container: HTMLElement, origin: string): void {
  window.takeEarlyEvents?.();
  createRoot(container).render(siteFrom(origin));
}

function siteFrom(origin: string) {
  return (
    <Site origin={origin} client={queryClient}>
      <RouterProvider router={createRouter(routes)} fallback={<PageSkeleton />}>
        <Pages />
      </RouterProvider>
    </Site>
  );
}
