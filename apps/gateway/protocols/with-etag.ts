import type { RestResponse } from "@plaza/rest/transcoder";
import { etagOf, matchesEtag } from "../http/etag.ts";

/**
 * Adds an ETag to a 200 response, and makes it a 304 when the client has it already. Browsers store the
 * response and revalidate it each time.
 */
export function withEtag(response: RestResponse, ifNoneMatch: string | undefined): RestResponse {
  if (response.status !== 200) return response;
  const etag = etagOf(response.body);
  const headers: RestResponse["headers"] = [
    ...response.headers,
    ["etag", etag],
    ["cache-control", "private, no-cache"],
    ["vary", "accept-encoding"],
  ];
  if (!matchesEtag(ifNoneMatch, etag)) return { ...response, headers };
  const kept = headers.filter(([name]) => !name.startsWith("content-"));
  return { status: 304, headers: kept, body: "" };
}
