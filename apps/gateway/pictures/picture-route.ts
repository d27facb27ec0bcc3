import type { DescMethod } from "@bufbuild/protobuf";
import { Fault, invalidField } from "@plaza/kit/errors/fault";
import type { RestResponse } from "@plaza/rest/transcoder";
import type { Admission } from "../admission/admission.ts";
import { matchesEtag } from "../http/etag.ts";
import type { HttpRequest, HttpResponse } from "../http/http-message.ts";
import { beginHttpCall } from "../methods/call.ts";
import type { MethodAccess } from "../methods/method-access.ts";
import type { PictureCache } from "./picture-cache.ts";
import { holdsUrl, pictureFieldsOf } from "./picture-fields.ts";
import { type PictureSize, pictureEdgePixels } from "./resize-picture.ts";

/** Serves GET /pictures. */
export type PictureRoute = (request: HttpRequest, response: HttpResponse) => Promise<void>;

/** What `createPictureRoute` takes. */
export type PictureRouteOptions = {
  /** Undefined when no pictures of other sites are loaded. */
  readonly loadPicture: PictureCache | undefined;
  readonly admit: Admission;
  /** The method that a path of the REST API gets. */
  readonly findGet: (path: string) => DescMethod | undefined;
  /** Calls it with upstream headers. */
  readonly get: (
    pathAndQuery: string,
    headers: Record<string, string>,
    signal: AbortSignal,
  ) => Promise<RestResponse>;
};

/** The same URL gives the same picture; what its host changes meanwhile shows a day later. */
const cacheControl = "private, max-age=86400";
const minuteMs = 60_000;
const readTimeoutMs = 5_000;

/** Pictures of a resource, for whoever may read it. */
const shownAccess = accessOf("gateway/GetPicture", { perMinute: 1_200, cost: 1 });
/** Pictures of a text that is not stored yet, for members: as many as one would store. */
const previewAccess = accessOf("gateway/PreviewPicture", { perMinute: 30, cost: 10 });

/**
 * Creates the route by which browsers load pictures of other sites: `/pictures?url=…&of=/v1/posts/…&size=large`.
 * `of` is the REST path of a resource that holds the URL, read with the rights of the caller, so that the route
 * loads nothing but what stands in contents; without it the call is a preview, for members. Throws
 * PICTURES_OFF, NO_SUCH_PICTURE, PICTURE_UNAVAILABLE and what reading the resource throws.
 */
export function createPictureRoute(options: PictureRouteOptions): PictureRoute {
  const { loadPicture, admit, findGet, get } = options;

  async function requireHolder(
    of: string,
    url: string,
    headers: Record<string, string>,
  ): Promise<void> {
    const method = /[?#]/.test(of) ? undefined : findGet(of);
    const fields = method ? pictureFieldsOf(method) : [];
    if (!method || fields.length === 0)
      throw invalidField("of", "NO_PICTURES", "must be a resource with pictures");
    const hasMask = method.input.fields.some(({ name }) => name === "read_mask");
    const mask = hasMask ? `?readMask=${fields.map(({ name }) => name).join(",")}` : "";
    const { status, body } = await get(of + mask, headers, AbortSignal.timeout(readTimeoutMs));
    if (status !== 200) noSuchPicture();
    const resource = JSON.parse(body.toString()) as Record<string, string | readonly string[]>;
    const texts = fields.flatMap(({ jsonName }) => resource[jsonName] ?? []);
    if (!texts.some((text) => holdsUrl(text, url))) noSuchPicture();
  }

  return async (request, response) => {
    const query = new URL(request.url ?? "", "http://plaza").searchParams;
    const of = query.get("of");
    const access = of === null ? previewAccess : shownAccess;
    const admitted = await admit(beginHttpCall(request, response, access, "rest"));
    const headers = await admitted.upstreamHeaders();
    if (!loadPicture) picturesOff();
    const text = query.get("url") ?? "";
    const size = sizeOf(query.get("size") ?? "large");
    const url = URL.parse(text) ?? throwInvalidUrl();
    if (of !== null) await requireHolder(of, text, headers);
    else if (!headers["authorization"]) signInFirst();
    const { body, etag } = await loadPicture(url, size);
    const common = {
      etag,
      "cache-control": cacheControl,
      // The site's own pages show it, and no other site's.
      "cross-origin-resource-policy": "same-origin",
    };
    if (matchesEtag(request.headers["if-none-match"], etag)) {
      response.writeHead(304, common).end();
      return;
    }
    const content = { "content-type": "image/webp", "content-length": body.length };
    response.writeHead(200, { ...common, ...content });
    response.end(request.method === "HEAD" ? undefined : body);
  };
}

function accessOf(
  name: string,
  { perMinute, cost }: { readonly perMinute: number; readonly cost: number },
): MethodAccess {
  return {
    name,
    isPublic: true,
    setsSessionCookie: false,
    quotas: { caller: { count: perMinute, periodMs: minuteMs }, network: undefined, cost },
    isStream: false,
    cookieField: undefined,
  };
}

function sizeOf(text: string): PictureSize {
  if (Object.hasOwn(pictureEdgePixels, text)) return text as PictureSize;
  throw invalidField(
    "size",
    "UNKNOWN_SIZE",
    `must be one of ${Object.keys(pictureEdgePixels).join(", ")}`,
  );
}

function throwInvalidUrl(): never {
  throw invalidField("url", "INVALID_URL", "must be the URL of a picture");
}

function picturesOff(): never {
  throw new Fault("not_found", "PICTURES_OFF", "loading pictures from other sites is turned off");
}

function signInFirst(): never {
  const message = "you are not signed in; sign in to preview pictures";
  throw new Fault("unauthenticated", "NOT_SIGNED_IN", message);
}

function noSuchPicture(): never {
  throw new Fault("not_found", "NO_SUCH_PICTURE", "no such picture in the resource");
}
