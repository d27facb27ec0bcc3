import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { ShopService } from "@plaza/contract/shop/v1/shop";
import { UserService } from "@plaza/contract/users/v1/users";
import { type FeedFormat, readFeed } from "./feeds.ts";
import { createFileCache } from "./file-cache.ts";
import { fixedSitemap, readSitemap, readSitemapIndex, type SitemapName } from "./sitemaps.ts";
import { createStaticFile, type StaticFile } from "./static-files.ts";

/** Documents for programs that read the site: feeds, sitemaps, robots.txt. */
export type SiteDocuments = {
  /** Undefined when nothing is at the path. Rejects with the errors of the services. */
  get(path: string): Promise<StaticFile | undefined>;
  /** Drops cached feeds. */
  clear(): void;
};

export type SiteDocumentsOptions = {
  /** Calls the services anonymously. */
  readonly transport: Transport;
  /** The site's public address, without a slash at its end, once it is known. */
  readonly siteUrl: () => string;
  /** A monotonic clock in milliseconds. */
  readonly now?: (() => number) | undefined;
};

const feedMaxAgeMs = 60_000;
/** An index takes up to a thousand calls, and search engines come back after hours or days. */
const sitemapMaxAgeMs = 3_600_000;
const maxFeedBytes = 8 * 1024 * 1024;
const maxSitemapBytes = 32 * 1024 * 1024;

const feedPattern = /^(?:\/members\/([\da-f-]{36}))?\/(rss|atom)\.xml$/i;
const sitemapPattern = /^\/sitemaps\/(posts|products)(?:\/([\w-]{1,1500}))?\.xml$/;

/** Paths of what search engines have no use for. */
const disallowedPaths = [
  ...["/v1/", "/account", "/admin", "/cart", "/chats", "/checkout", "/friends", "/orders"],
  ...["/members$", "/sign-in", "/sign-up", "/write"],
];

/** Creates the documents; each is read from the services at the first request, and kept for a while. */
export function createSiteDocuments({
  transport,
  siteUrl,
  now,
}: SiteDocumentsOptions): SiteDocuments {
  const posts = createClient(PostService, transport);
  const users = createClient(UserService, transport);
  const shop = createClient(ShopService, transport);
  const options = () => ({ posts, users, shop, siteUrl: siteUrl() });
  const feeds = createFileCache({ maxAgeMs: feedMaxAgeMs, maxBytes: maxFeedBytes, now });
  const sitemaps = createFileCache({ maxAgeMs: sitemapMaxAgeMs, maxBytes: maxSitemapBytes, now });

  const feedFile = (path: string, format: FeedFormat, authorId: string | undefined) =>
    feeds.getOrMake(path, async () => {
      const feed = await readFeed(options(), format, authorId);
      return createStaticFile(`feed.${format}`, feed, "public, max-age=60");
    });
  const sitemapFile = (path: string, read: () => Promise<string>) =>
    sitemaps.getOrMake(path, async () =>
      createStaticFile("sitemap.xml", await read(), "public, max-age=3600"),
    );

  async function find(path: string): Promise<StaticFile | undefined> {
    const [, authorId, format] = feedPattern.exec(path) ?? [];
    if (format) return feedFile(path, format.toLowerCase() as FeedFormat, authorId);
    const [, list, pageToken = ""] = sitemapPattern.exec(path) ?? [];
    if (list)
      return sitemapFile(path, () => readSitemap(options(), list as SitemapName, pageToken));
    switch (path) {
      case "/sitemap.xml":
        return sitemapFile(path, () => readSitemapIndex(options()));
      case "/sitemaps/pages.xml":
        return sitemapFile(path, async () => fixedSitemap(siteUrl()));
      case "/robots.txt":
        return createStaticFile("robots.txt", robotsOf(siteUrl()), "public, max-age=3600");
      default:
        return undefined;
    }
  }

  return {
    get: (path) => find(path).catch(undefinedIfMissing),
    clear: feeds.clear,
  };
}

/** RFC 9309. */
function robotsOf(siteUrl: string): string {
  const basePath = new URL(siteUrl).pathname.replace(/\/$/, "");
  const rules = disallowedPaths.map((path) => `Disallow: ${basePath}${path}\n`).join("");
  return `User-agent: *\n${rules}\nSitemap: ${siteUrl}/sitemap.xml\n`;
}

/** No such author, no such page token. */
function undefinedIfMissing(error: unknown): undefined {
  const { code } = ConnectError.from(error);
  if (code !== Code.NotFound && code !== Code.InvalidArgument) throw error;
}
