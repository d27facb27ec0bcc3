import { useState } from "react";
import { type PictureSize, pictureSrc } from "./picture-src.ts";

/** How a picture is loaded. */
export type PictureOptions = {
  /** The REST path of the resource that holds its URL; undefined while it is only being written. */
  readonly of: string | undefined;
  readonly size: PictureSize;
  /** Whether it is loaded only when the reader asks for it. Pictures of the site itself always are. */
  readonly onClick?: boolean;
};

/** The state of a picture, for whatever shows it. */
export function usePicture(url = "", { of, size, onClick = false }: PictureOptions) {
  // By URL, so that another picture in the same place begins anew.
  const [requestedUrl, setRequestedUrl] = useState("");
  const [brokenUrl, setBrokenUrl] = useState("");
  const waits = onClick && !url.startsWith("/") && url !== requestedUrl;
  const src = pictureSrc(url, of, size);
  const onError = () => setBrokenUrl(url);
  return {
    /** The properties of its element. */
    load: {
      src,
      onError,
      /** In a page that the server has rendered, it may have failed before there was anybody to tell. */
      ref: (image: HTMLImageElement | null) => {
        if (image?.complete && image.naturalWidth === 0 && src !== url) onError();
      },
    },
    /** Nobody has asked for it yet. */
    isWaiting: url !== "" && waits,
    /** There is none, or it could not be loaded. */
    isMissing: url === "" || url === brokenUrl,
    show: () => setRequestedUrl(url),
  };
}
