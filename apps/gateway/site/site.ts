import type { Transport } from "@connectrpc/connect";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { ShopService } from "@plaza/contract/shop/v1/shop";
import { UserService } from "@plaza/contract/users/v1/users";
import type { Logger } from "@plaza/kit/telemetry/log";
import { loadPageRenderer } from "./page-renderer.ts";
import { createRenderedPages } from "./rendered-pages.ts";
import { createSiteDocuments } from "./site-documents.ts";
import { loadWebApp, type WebApp } from "./web-app.ts";

export type SiteOptions = {
  /** The folder of the built web app. */
  readonly folder: string;
  /** Calls the services anonymously: what it serves is the same for everybody. */
  readonly transport: Transport;
  /** The origin of the site's public address, once the gateway listens. */
  readonly origin: () => string;
  /** The path below which it is served; empty at the root of its host. */
  readonly basePath: string;
  /** Whether a Cookie header has a session, be it a valid one or not. */
  readonly hasSession: (cookies: string | undefined) => boolean;
  /** Admits a render among the calls in flight. Rejects when the process is busy. */
  readonly acquire: () => (() => void) | Promise<() => void>;
  readonly log: Logger;
  /** A monotonic clock in milliseconds. */
  readonly now?: (() => number) | undefined;
};

/** What is served to people and to programs that read pages. */
export type Site = {
  readonly get: WebApp;
  /** The full names of the services whose data it shows. */
  readonly services: ReadonlySet<string>;
  /** Drops what was made of the data of services, after some of it has changed. */
  clear(): void;
};

const pageServices = new Set([PostService, ShopService, UserService].map((one) => one.typeName));

/** Assembles the pages of the web app, and the documents about them. */
export function createSite(options: SiteOptions): Site {
  const { folder, transport, origin, basePath, hasSession, acquire, log, now } = options;
  const documents = createSiteDocuments({ transport, siteUrl: () => origin() + basePath, now });
  const load = () => loadPageRenderer(folder, { transport, origin: origin(), basePath });
  const pages = createRenderedPages({ load, acquire, log, now });
  const webApp = loadWebApp({ folder, basePath, pages, hasSession });
  return {
    services: pageServices,
    get: async (request, path, query) =>
      (await documents.get(path)) ?? webApp(request, path, query),
    clear() {
      documents.clear();
      pages.clear();
    },
  };
}
