import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import type { Client } from "@connectrpc/connect";
import type { PostService } from "@plaza/contract/posts/v1/posts";
import type { ShopService } from "@plaza/contract/shop/v1/shop";
import { type XmlElement, xml, xmlDocument } from "./xml.ts";

/** The lists whose items have pages. */
export type SitemapName = "posts" | "products";

export type SitemapOptions = {
  readonly posts: Client<typeof PostService>;
  readonly shop: Client<typeof ShopService>;
  /** The site's public address, without a slash at its end. */
  readonly siteUrl: string;
};

/** Pages of the site, newest first, and the token of the next ones. */
type Page = {
  readonly urls: readonly XmlElement[];
  readonly updateTimes: readonly Date[];
  readonly nextPageToken: string;
};

const namespace = { xmlns: "http://www.sitemaps.org/schemas/sitemap/0.9" };
const itemsPerCall = 100;
/** A sitemap has those of ten calls; the index ends after 50 sitemaps of each list, thus 50,000 items. */
const callsPerSitemap = 10;
const maxSitemapsPerList = 50;
const timeoutMs = 5_000;

/** Makes the index: a sitemap of fixed pages, and for each list one for a thousand items. */
export async function readSitemapIndex(options: SitemapOptions): Promise<string> {
  const { siteUrl } = options;
  const sitemaps = [xml("sitemap", [xml("loc", `${siteUrl}/sitemaps/pages.xml`)])];
  for (const name of ["posts", "products"] as const) {
    let token = "";
    for (let count = 0; count < maxSitemapsPerList; count += 1) {
      const page = await readPage(options, name, token);
      const location = `${siteUrl}/sitemaps/${name}${token && `/${token}`}.xml`;
      if (page.urls.length > 0) {
        sitemaps.push(xml("sitemap", [xml("loc", location), ...lastmod(page.updateTimes)]));
      }
      token = page.nextPageToken;
      if (!token) break;
    }
  }
  return xmlDocument(xml("sitemapindex", sitemaps, namespace));
}

/** Makes the sitemap that begins at a page token of the list. Rejects with the errors of the service. */
export async function readSitemap(
  options: SitemapOptions,
  name: SitemapName,
  pageToken: string,
): Promise<string> {
  const { urls } = await readPage(options, name, pageToken);
  return xmlDocument(xml("urlset", urls, namespace));
}

/** Makes the sitemap of the pages that every site has. */
export function fixedSitemap(siteUrl: string): string {
  const urls = ["/", "/shop"].map((path) => xml("url", [xml("loc", siteUrl + path)]));
  return xmlDocument(xml("urlset", urls, namespace));
}

async function readPage(options: SitemapOptions, name: SitemapName, from: string): Promise<Page> {
  const urls: XmlElement[] = [];
  const updateTimes: Date[] = [];
  let nextPageToken = from;
  for (let call = 0; call < callsPerSitemap; call += 1) {
    const page = await listPage[name](options, nextPageToken);
    urls.push(...page.urls);
    updateTimes.push(...page.updateTimes);
    nextPageToken = page.nextPageToken;
    if (!nextPageToken) break;
  }
  return { urls, updateTimes, nextPageToken };
}

type Item = { readonly id: string; readonly updateTime?: Timestamp | undefined };

const listPage: Record<SitemapName, (options: SitemapOptions, token: string) => Promise<Page>> = {
  async posts({ posts, siteUrl }, pageToken) {
    const readMask = { paths: ["id", "author_id", "update_time"] };
    const request = { pageToken, pageSize: itemsPerCall, readMask };
    const { posts: items, nextPageToken } = await posts.listPosts(request, { timeoutMs });
    const authorIds = new Set(items.map(({ authorId }) => authorId));
    const authors = [...authorIds].map((id) =>
      xml("url", [xml("loc", `${siteUrl}/members/${id}`)]),
    );
    return { ...toPage(`${siteUrl}/posts/`, items, authors), nextPageToken };
  },
  async products({ shop, siteUrl }, pageToken) {
    const readMask = { paths: ["id", "update_time"] };
    const request = { pageToken, pageSize: itemsPerCall, readMask };
    const { products, nextPageToken } = await shop.listProducts(request, { timeoutMs });
    return { ...toPage(`${siteUrl}/shop/`, products), nextPageToken };
  },
};

function toPage(base: string, items: readonly Item[], more: readonly XmlElement[] = []) {
  const timed = items.map(({ id, updateTime }) => ({
    id,
    time: updateTime ? timestampDate(updateTime) : new Date(0),
  }));
  const urls = timed.map(({ id, time }) => xml("url", [xml("loc", base + id), ...lastmod([time])]));
  return { urls: [...urls, ...more], updateTimes: timed.map(({ time }) => time) };
}

function lastmod(times: readonly Date[]): XmlElement[] {
  return [xml("lastmod", new Date(Math.max(...times.map(Number))).toISOString())];
}
