import type { RestResponse } from "@plaza/rest/transcoder";
import { etagOf, matchesEtag, resourceEtag } from "../http/etag.ts";

const cacheHeaders: RestResponse["headers"] = [
  ["cache-control", "private, no-cache"],
  ["vary", "accept-encoding"],
];

/**
 * Gives a 200 response to a GET its ETag, when its resource has one or it is `cacheable`, and makes it a 304 when
 * the client has it already. Browsers store a cacheable response and revalidate it each time.
 */
export function withEtag(
  response: RestResponse,
  ifNoneMatch: string | undefined,
  cacheable: boolean,
): RestResponse {
  const ofResource = response.headers.find(([name]) => name === "etag")?.[1];
  if (response.status !== 200 || !(ofResource || cacheable)) return response;
  const etag = ofResource ? resourceEtag(ofResource, response.body) : etagOf(response.body);
  const headers: RestResponse["headers"] = [
    ...response.headers.filter(([name]) => name !== "etag"),
    ["etag", etag],
    ...(cacheable ? cacheHeaders : []),
  ];
  if (!matchesEtag(ifNoneMatch, etag)) return { ...response, headers };
  const kept = headers.filter(([name]) => !name.startsWith("content-"));
  return { status: 304, headers: kept, body: "" };
}
