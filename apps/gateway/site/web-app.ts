import { existsSync } from "node:fs";
import path from "node:path";
import type { HttpRequest } from "../http/http-message.ts";
import { withBasePath } from "./base-path.ts";
import type { RenderedPages } from "./rendered-pages.ts";
import { createStaticFile, loadStaticFiles, type StaticFile } from "./static-files.ts";

const indexPath = "/index.html";

/** Returns what the web app has for a request, if anything. */
export type WebApp = (
  request: HttpRequest,
  path: string,
  query: string,
) => Promise<StaticFile | undefined>;

export type WebAppOptions = {
  /** The folder of the built site. */
  readonly folder: string;
  /** The path below which the site is served; empty at the root of its host. */
  readonly basePath: string;
  readonly pages: RenderedPages;
  /** Whether a Cookie header has a session, be it a valid one or not. */
  readonly hasSession: (cookies: string | undefined) => boolean;
};

/**
 * Loads the built web app. Files below /assets/ have a hash of their content in their name and are immutable.
 * Public pages come rendered. Other navigations get index.html, for the app's own router; other unknown paths get
 * nothing, and so does everything when the folder holds no built app.
 */
export function loadWebApp({ folder, basePath, pages, hasSession }: WebAppOptions): WebApp {
  if (!existsSync(path.join(folder, indexPath))) return async () => undefined;
  const files = loadStaticFiles(folder, (name) =>
    name.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
  );
  const index = files.get(indexPath);
  if (index && basePath !== "") {
    const html = withBasePath(index.body.toString(), basePath);
    files.set(indexPath, createStaticFile(indexPath, html, index.cacheControl));
  }
  return async ({ method, headers }, name, query) => {
    const file = files.get(name);
    if (file) return file;
    const isVisitor = !hasSession(headers.cookie);
    // Pages have no extension, whatever a client accepts; where a browser navigates to is one in any case.
    const isNavigation = !/\.[^/]*$/.test(name) || (headers.accept ?? "").includes("text/html");
    const index = files.get(indexPath);
    const page =
      method === "GET" || method === "HEAD"
        ? await pages.get({ path: name, query, isVisitor, isNavigation }, index)
        : undefined;
    return page ?? (isNavigation ? index : undefined);
  };
}
