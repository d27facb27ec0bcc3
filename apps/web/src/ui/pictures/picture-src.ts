import { sitePath } from "../../lib/site-path.ts";

export type PictureSize = "small" | "medium" | "large";

/**
 * The address from which the site loads a picture: its own when it is a path of the site, else one by which Plaza
 * loads it, so that its host does not learn who reads. `of` is the REST path of the resource that holds the URL;
 * without it only members may load the picture.
 */
export function pictureSrc(url: string, of: string | undefined, size: PictureSize): string {
  if (url.startsWith("/")) return sitePath(url);
  return sitePath(`/pictures?${new URLSearchParams({ url, ...(of && { of }), size })}`);
}
