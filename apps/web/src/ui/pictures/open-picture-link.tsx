import { t } from "../../lib/messages.ts";

/** A link to a picture at its host; whoever follows it chooses to be seen there. */
export function OpenPictureLink({ url }: { url: string }) {
  const host = URL.parse(url)?.host;
  return (
    <a href={url} rel="ugc nofollow noopener noreferrer" target="_blank">
      {host ? t("ui.picture.openOn", { host }) : t("ui.picture.open")}
    </a>
  );
}
