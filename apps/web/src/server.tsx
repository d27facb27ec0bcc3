import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { Code, type Transport } from "@connectrpc/connect";
import { QueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { renderToPipeableStream } from "react-dom/server";
import { matchRoutes, StaticRouter } from "react-router";
import { readQueries } from "./app/page-state.ts";
import { createPageTemplate, type Manifest } from "./app/page-template.ts";
import { findPublicPage, type PublicPage } from "./app/public-pages.ts";
import { Pages, routes } from "./app/routes.tsx";
import { Site } from "./app/site.tsx";
import { codeOf, refusalOf } from "./lib/errors.ts";
import { loadRoutes } from "./lib/routing/load-routes.ts";
import { basename, setBasePath, sitePath } from "./lib/site-path.ts";
import { replaceTransport } from "./lib/transport.ts";
import { sessionQuery } from "./session/session.ts";

export type PageRendererOptions = {
  /** Calls the services anonymously. */
  readonly transport: Transport;
  /** The built index.html. */
  readonly template: string;
  /** Vite's manifest of the browser's build. */
  readonly manifest: Manifest;
  /** The origin of the site's public address. */
  readonly origin: string;
  /** The path below which the site is served; empty at the root of its host. */
  readonly basePath: string;
};

/** A page to render: its path and query as `find` gave them, and whose it is. */
export type PageRequest = {
  readonly url: string;
  /** Whether it is a visitor's; otherwise it has neither a member's parts nor a visitor's. */
  readonly isVisitor: boolean;
};

export type RenderedPage = { readonly status: number; readonly html: string };

export type PageRenderer = {
  /** The page at a path; undefined of one that only the browser renders. All unknown paths have one page. */
  find(
    path: string,
    query: string,
  ): { readonly url: string; readonly isKnown: boolean } | undefined;
  /** Rejects when a read of the page fails. */
  render(request: PageRequest): Promise<RenderedPage>;
};

const unknownPath = "/404";

/** Creates the renderer of a process. What it reads and renders is the same for everybody. */
export function createPageRenderer(options: PageRendererOptions): PageRenderer {
  const { transport, origin } = options;
  setBasePath(options.basePath);
  const fillTemplate = createPageTemplate(options.template, options.manifest);
  replaceTransport(transport);
  return {
    find(path, query) {
      if (!isPagePath(path)) return { url: unknownPath, isKnown: false };
      const found = findPublicPage(path);
      if (found) {
        const search = found.page.searchOf(new URLSearchParams(query));
        return search === undefined ? undefined : { url: path + search, isKnown: true };
      }
      const isUnknown = matchRoutes(routes, path)?.at(-1)?.route.path === "*";
      return isUnknown ? { url: unknownPath, isKnown: false } : undefined;
    },

    async render({ url, isVisitor }) {
      const { pathname, searchParams } = new URL(origin + url);
      await loadRoutes(routes, pathname);
      const client = createServerQueryClient();
      if (isVisitor) client.setQueryData(sessionQuery.queryKey, null);
      const found = findPublicPage(pathname);
      const status = found ? await load(found.page, client, found.id, searchParams) : 404;
      const markup = await renderToText(
        <Site origin={origin} client={client}>
          <StaticRouter basename={basename()} location={sitePath(url)}>
            <Pages />
          </StaticRouter>
        </Site>,
      );
      const isComplete = status === 200 || !found;
      const state = { origin, isVisitor, isComplete, queries: readQueries(client) };
      return { status, html: fillTemplate(markup, state, found?.page.module) };
    },
  };
}

/** The router would complain of a path that cannot be decoded, and take // for the home page. */
function isPagePath(path: string): boolean {
  try {
    return decodeURI(path) !== "" && !path.startsWith("//");
  } catch {
    return false;
  }
}

/** Each read is made once, before the render. */
function createServerQueryClient(): QueryClient {
  const queries = { retry: false, retryOnMount: false, staleTime: Number.POSITIVE_INFINITY };
  return new QueryClient({ defaultOptions: { queries } });
}

/** Reads what a page shows. Returns the status of the response: 404 when that does not exist, 410 when it did. */
async function load(
  page: PublicPage,
  client: QueryClient,
  id: string,
  params: URLSearchParams,
): Promise<number> {
  try {
    await page.load(client, id, params);
    return 200;
  } catch (error) {
    if (refusalOf(error).metadata?.["deleted"] === "true") return 410;
    // An id that is no UUID is an invalid argument.
    if (codeOf(error) === Code.NotFound || codeOf(error) === Code.InvalidArgument) return 404;
    throw error;
  }
}

/** Renders whole, with what is loaded lazily, so that no script has to put parts in place later. */
function renderToText(node: ReactNode): Promise<string> {
  return new Promise((resolve, reject) => {
    const stream = renderToPipeableStream(node, {
      progressiveChunkSize: Number.POSITIVE_INFINITY,
      onAllReady: () => resolve(text(stream.pipe(new PassThrough()))),
      onError: reject,
      onShellError: reject,
    });
  });
}
