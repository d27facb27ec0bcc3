import { existsSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import path from "node:path";
import { loadStaticFiles, type StaticFile } from "./static-files.ts";

const indexPath = "/index.html";

/** Returns the file of the web app for a request, if there is one. */
export type WebApp = (request: IncomingMessage, path: string) => StaticFile | undefined;

/**
 * Loads the built web app from a folder. Files below /assets/ have a hash of their content in their name and
 * are immutable. Navigations to unknown paths get index.html, for the app's own router; other unknown paths get
 * nothing, and so does everything when the folder holds no built app.
 */
export function loadWebApp(folder: string): WebApp {
  if (!existsSync(path.join(folder, indexPath))) return () => undefined;
  const files = loadStaticFiles(folder, (name) =>
    name.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
  );
  return (request, name) =>
    files.get(name) ?? (isNavigation(request) ? files.get(indexPath) : undefined);
}

/** Whether a browser navigates to a page, as opposed to a script loading a file. */
function isNavigation({ headers }: IncomingMessage): boolean {
  return (headers.accept ?? "").includes("text/html");
}
