import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import type { Client } from "@connectrpc/connect";
import type { Post, PostService } from "@plaza/contract/posts/v1/posts";
import type { UserService } from "@plaza/contract/users/v1/users";
import { escapeXml, type XmlElement, xml, xmlDocument } from "./xml.ts";

/** The newest posts of all or of one author, for feed readers. */
type Feed = { readonly title: string; readonly page: string; readonly posts: readonly Post[] };

export type FeedFormat = "rss" | "atom";

type FeedReaderOptions = {
  readonly posts: Client<typeof PostService>;
  readonly users: Client<typeof UserService>;
  /** The site's public address, without a slash at its end. */
  readonly siteUrl: string;
};

const maxPosts = 30;
const timeoutMs = 5_000;
const readMask = {
  paths: ["id", "title", "excerpt", "author.nickname", "create_time", "update_time"],
};

/** Makes the feed of the newest posts, or of one author's. Rejects with the errors of the services. */
export async function readFeed(
  { posts, users, siteUrl }: FeedReaderOptions,
  format: FeedFormat,
  authorId = "",
): Promise<string> {
  const author = authorId
    ? await users.getUser({ id: authorId, readMask: { paths: ["nickname"] } }, { timeoutMs })
    : undefined;
  const list = await posts.listPosts({ authorId, pageSize: maxPosts, readMask }, { timeoutMs });
  const feed = {
    title: author ? `Posts by ${author.nickname} · Plaza` : "Posts · Plaza",
    page: `${siteUrl}/${author ? `members/${authorId}` : ""}`,
    posts: list.posts,
  };
  const self = `${feed.page.replace(/\/$/, "")}/${format}.xml`;
  return xmlDocument(format === "rss" ? rssOf(feed, self, siteUrl) : atomOf(feed, self, siteUrl));
}

/** RSS 2.0, with the link to itself that its best practices recommend. */
function rssOf({ title, page, posts }: Feed, self: string, siteUrl: string): XmlElement {
  const items = posts.map((post) =>
    xml("item", [
      xml("title", post.title),
      xml("link", `${siteUrl}/posts/${post.id}`),
      xml("guid", `${siteUrl}/posts/${post.id}`, { isPermaLink: "true" }),
      xml("dc:creator", authorOf(post)),
      xml("pubDate", dateOf(post.createTime).toUTCString()),
      xml("description", htmlOf(post)),
    ]),
  );
  const channel = xml("channel", [
    xml("title", title),
    xml("link", page),
    xml("description", title),
    xml("lastBuildDate", updateTimeOf(posts).toUTCString()),
    xml("atom:link", "", { rel: "self", type: "application/rss+xml", href: self }),
    ...items,
  ]);
  return xml("rss", [channel], {
    version: "2.0",
    "xmlns:atom": "http://www.w3.org/2005/Atom",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
  });
}

/** Atom 1.0 (RFC 4287). */
function atomOf({ title, page, posts }: Feed, self: string, siteUrl: string): XmlElement {
  const entries = posts.map((post) =>
    xml("entry", [
      xml("id", `urn:uuid:${post.id}`),
      xml("title", post.title),
      xml("link", "", { rel: "alternate", type: "text/html", href: `${siteUrl}/posts/${post.id}` }),
      xml("author", [xml("name", authorOf(post))]),
      xml("published", dateOf(post.createTime).toISOString()),
      xml("updated", dateOf(post.updateTime).toISOString()),
      xml("summary", htmlOf(post), { type: "html" }),
    ]),
  );
  return xml(
    "feed",
    [
      xml("id", page),
      xml("title", title),
      xml("updated", updateTimeOf(posts).toISOString()),
      xml("link", "", { rel: "self", type: "application/atom+xml", href: self }),
      xml("link", "", { rel: "alternate", type: "text/html", href: page }),
      ...entries,
    ],
    { xmlns: "http://www.w3.org/2005/Atom" },
  );
}

/** The excerpt as HTML: plain text whatever it looks like. */
function htmlOf({ excerpt }: Post): string {
  return `<p>${escapeXml(excerpt)}</p>`;
}

function authorOf({ author }: Post): string {
  return author?.nickname || "Deleted account";
}

function updateTimeOf(posts: readonly Post[]): Date {
  return new Date(Math.max(0, ...posts.map((post) => dateOf(post.updateTime).getTime())));
}

function dateOf(time: Timestamp | undefined): Date {
  return time ? timestampDate(time) : new Date(0);
}
