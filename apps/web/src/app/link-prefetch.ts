import type { QueryClient } from "@tanstack/react-query";
import type { RouteObject } from "react-router";
import { loadRoutes } from "../lib/routing/load-routes.ts";
import { pathOnSite } from "../lib/site-path.ts";
import { findPublicPage } from "./public-pages.ts";

/** How long a mouse rests on a link before that counts; a finger and the focus count at once. */
const hoverDelayMs = 65;

/** Loads the code and the data of a page as soon as the reader seems to be about to open a link to it. */
export function prefetchLinks(routes: RouteObject[], client: QueryClient): void {
  let hovered: Element | undefined;
  const prefetch = (link: HTMLAnchorElement) =>
    void prefetchPage(routes, client, new URL(link.href));
  document.addEventListener("pointerover", ({ target, pointerType }) => {
    const link = findLink(target);
    if (link === hovered) return;
    hovered = link;
    if (!link || pointerType !== "mouse") return;
    setTimeout(() => link === hovered && prefetch(link), hoverDelayMs);
  });
  for (const type of ["touchstart", "focusin"] as const) {
    document.addEventListener(
      type,
      ({ target }) => {
        const link = findLink(target);
        if (link) prefetch(link);
      },
      { passive: true },
    );
  }
}

/** The link to another page of this site around a node. */
function findLink(node: EventTarget | null): HTMLAnchorElement | undefined {
  const link = node instanceof Element ? node.closest("a") : null;
  const isPage =
    link?.origin === window.location.origin && link.pathname !== window.location.pathname;
  return isPage && !link.target && !link.hasAttribute("download") ? link : undefined;
}

/** What fails here fails again when the page is opened, and is said there. */
async function prefetchPage(routes: RouteObject[], client: QueryClient, url: URL): Promise<void> {
  const { searchParams } = url;
  const path = pathOnSite(url.pathname);
  const found = findPublicPage(path);
  await Promise.allSettled([
    loadRoutes(routes, path),
    found?.page.load(client, found.id, searchParams),
  ]);
}
