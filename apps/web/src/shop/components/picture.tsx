import { ImageOff } from "lucide-react";
import { useState } from "react";

type PictureProps = { url: string | undefined; alt?: string; className?: string };

/** A square picture, loaded lazily; a placeholder of the same size when there is none. */
export function Picture({ url, alt = "", className = "" }: PictureProps) {
  const [broken, setBroken] = useState("");
  const shape = `aspect-square bg-sunken ${className}`;
  if (!url || url === broken) {
    return (
      <span className={`grid place-items-center ${shape}`}>
        <ImageOff className="size-1/4 max-w-10 text-faint" aria-hidden />
        {alt && (
          <span className="sr-only">
            <bdi>{alt}</bdi>, without a picture
          </span>
        )}
      </span>
    );
  }
  return (
    <img
      src={url}
      alt={alt}
      width={600}
      height={600}
      loading="lazy"
      decoding="async"
      referrerPolicy="no-referrer"
      onError={() => setBroken(url)}
      className={`object-cover ${shape}`}
    />
  );
}
