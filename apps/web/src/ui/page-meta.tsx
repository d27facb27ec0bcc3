import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { truncate } from "@plaza/kit/text/graphemes";
import { useContext } from "react";
import { sitePath } from "../lib/site-path.ts";
import { timestampDate } from "../lib/timestamps.ts";
import { SiteOrigin } from "./site-origin.ts";

type PageMetaProps = {
  /** The page's address on this site, without what only changes how it is shown. */
  path: string;
  title: string;
  /** A sentence or two of what is on the page. */
  description: string;
  /** The kind of object in the Open Graph protocol. */
  type?: "website" | "article" | "profile" | "product";
  /** An absolute address, or a path on this site. */
  picture?: string | undefined;
  /** The path of an Atom feed of what is on the page. */
  feed?: string;
  publishTime?: Timestamp | undefined;
  updateTime?: Timestamp | undefined;
  author?: string | undefined;
};

const maxDescriptionLength = 200;

/** What search engines and previews of links read of a page (ogp.me); React puts it into the head. */
export function PageMeta(props: PageMetaProps) {
  const { path, title, description, type = "website", picture, feed } = props;
  const { publishTime, updateTime, author } = props;
  const origin = useContext(SiteOrigin);
  const text = truncate(description.replaceAll(/\s+/g, " ").trim(), maxDescriptionLength);
  const address = origin + sitePath(path);
  const pictureUrl = picture?.startsWith("/") ? origin + sitePath(picture) : picture;
  return (
    <>
      <meta name="description" content={text} />
      <link rel="canonical" href={address} />
      <meta property="og:site_name" content="Plaza" />
      <meta property="og:type" content={type} />
      <meta property="og:title" content={title} />
      <meta property="og:description" content={text} />
      <meta property="og:url" content={address} />
      {pictureUrl && <meta property="og:image" content={new URL(pictureUrl).href} />}
      {author && <meta name="author" content={author} />}
      {publishTime && <meta property="article:published_time" content={isoTime(publishTime)} />}
      {updateTime && <meta property="article:modified_time" content={isoTime(updateTime)} />}
      <meta name="twitter:card" content={picture ? "summary_large_image" : "summary"} />
      {feed && (
        <link rel="alternate" type="application/atom+xml" title={title} href={sitePath(feed)} />
      )}
    </>
  );
}

function isoTime(time: Timestamp): string {
  return timestampDate(time).toISOString();
}
