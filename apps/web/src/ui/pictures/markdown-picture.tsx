import { Image, ImageOff } from "lucide-react";
import { createContext, useContext } from "react";
import { t } from "../../lib/messages.ts";
import { OpenPictureLink } from "./open-picture-link.tsx";
import { PictureSourceContext } from "./picture-source.tsx";
import { usePicture } from "./use-picture.ts";

/** Whether the text stands inside a link, which holds no other link or button. */
export const InLinkContext = createContext(false);

const noticeClass =
  "inline-flex min-h-11 max-w-full items-center gap-2 rounded-md bg-sunken px-3 py-1.5 text-start align-middle font-sans text-sm wrap-anywhere text-soft";

type MarkdownPictureProps = {
  url: string | undefined;
  alt?: string | undefined;
  title?: string | undefined;
};

/** A picture of a member's text. Where it cannot be loaded, its description and a link to it. */
export function MarkdownPicture({ url, alt = "", title }: MarkdownPictureProps) {
  const source = useContext(PictureSourceContext);
  const isInLink = useContext(InLinkContext);
  const picture = usePicture(url, { ...source, size: "large" });
  if (!url) return <span>{alt}</span>;
  if (picture.isMissing || (picture.isWaiting && isInLink)) {
    return (
      <span className={noticeClass}>
        <ImageOff className="size-4 shrink-0" aria-hidden />
        <span>
          {alt} {!isInLink && <OpenPictureLink url={url} />}
        </span>
      </span>
    );
  }
  if (picture.isWaiting) {
    return (
      <button type="button" onClick={picture.show} className={`${noticeClass} hover:text-ink`}>
        <Image className="size-4 shrink-0" aria-hidden />
        <span>
          {alt ? t("ui.picture.showDescribed", { description: alt }) : t("ui.picture.show")}
        </span>
      </button>
    );
  }
  return <img {...picture.load} alt={alt} title={title} loading="lazy" />;
}
