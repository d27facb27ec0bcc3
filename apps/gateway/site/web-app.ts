import { existsSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import path from "node:path";
import { loadStaticFiles, type StaticFile } from "./static-files.ts";

const indexPath = "/index.html";

/** The file of the web app that a request asks for, if there is one. */
export type WebApp = (request: IncomingMessage, path: string) => StaticFile | undefined;

/**
 * The built web app in a folder. Names below /assets/ carry a hash of their content and may be kept for
 * ever. A page of the app's own router is index.html; what scripts ask for and is not there, is not.
 * Without a built app nothing is found.
 */
export function loadWebApp(folder: string): WebApp {
  if (!existsSync(path.join(folder, indexPath))) return () => undefined;
  const files = loadStaticFiles(folder, (name) =>
    name.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
  );
  return (request, name) =>
    files.get(name) ?? (isNavigation(request) ? files.get(indexPath) : undefined);
}

/** Whether a person's browser asks for a page, as opposed to a script asking for a file. */
function isNavigation({ headers }: IncomingMessage): boolean {
  return (headers.accept ?? "").includes("text/html");
}
