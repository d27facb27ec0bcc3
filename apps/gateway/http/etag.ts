import { hash } from "node:crypto";
import type { RestResponse } from "@plaza/rest/transcoder";

/**
 * Names a successful answer by its bytes, and leaves them out when the client has them (RFC 9110, sections
 * 8.8.3 and 13.1.2). Browsers keep it, but ask each time whether it is still the same.
 */
export function withEtag(response: RestResponse, ifNoneMatch: string | undefined): RestResponse {
  if (response.status !== 200) return response;
  const etag = `"${hash("sha256", response.body, "base64url").slice(0, 22)}"`;
  const headers: RestResponse["headers"] = [
    ...response.headers,
    ["etag", etag],
    ["cache-control", "private, no-cache"],
    ["vary", "accept-encoding"],
  ];
  const known = ifNoneMatch?.split(",").map((one) => one.trim().replace(/^W\//, "")) ?? [];
  if (!known.includes(etag) && !known.includes("*")) return { ...response, headers };
  const kept = headers.filter(([name]) => !name.startsWith("content-"));
  return { status: 304, headers: kept, body: "" };
}
