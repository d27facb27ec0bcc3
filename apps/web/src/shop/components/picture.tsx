import { Image, ImageOff } from "lucide-react";
import { t } from "../../lib/messages.ts";
import { OpenPictureLink } from "../../ui/pictures/open-picture-link.tsx";
import type { PictureSize } from "../../ui/pictures/picture-src.ts";
import { usePicture } from "../../ui/pictures/use-picture.ts";
import { Trans } from "../../ui/trans.tsx";

type PictureProps = {
  url: string | undefined;
  /** The product that has the picture; undefined while it is being written. */
  productId: string | undefined;
  size?: PictureSize;
  /** Of a picture that stands alone, outside of links. */
  alt?: string;
  className?: string;
};

/** A square picture, loaded lazily; a placeholder of the same size when there is none. */
export function Picture(props: PictureProps) {
  const { url, productId, size = "small", alt = "", className = "" } = props;
  const of = productId && `/v1/products/${productId}`;
  const picture = usePicture(url, { of, size, onClick: !of });
  const shape = `aspect-square bg-sunken ${className}`;
  if (picture.isMissing) {
    return (
      <span className={`flex flex-col items-center justify-center gap-3 ${shape}`}>
        <ImageOff className="h-auto w-1/4 max-w-10 text-faint" aria-hidden />
        {alt && (
          <span className="sr-only">
            <Trans id="shop.picture.missing" values={{ name: <bdi>{alt}</bdi> }} />
          </span>
        )}
        {alt && url && (
          <span className="px-4 text-center text-sm wrap-anywhere text-soft underline">
            <OpenPictureLink url={url} />
          </span>
        )}
      </span>
    );
  }
  if (picture.isWaiting) {
    return (
      <button
        type="button"
        aria-label={t("shop.picture.show", { url: url ?? "" })}
        onClick={picture.show}
        className={`grid place-items-center text-faint hover:text-ink ${shape}`}
      >
        <Image className="size-1/4 max-w-10" aria-hidden />
      </button>
    );
  }
  return (
    <img
      {...picture.load}
      alt={alt}
      width={600}
      height={600}
      loading="lazy"
      decoding="async"
      className={`object-cover ${shape}`}
    />
  );
}
