import { useMemo } from "react";
import { t } from "../../lib/messages.ts";
import { Dot } from "../../ui/dot.tsx";
import { TextBoundary } from "../../ui/markdown/text-boundary.tsx";
import { minutesToRead } from "../reading-time.ts";

/** How long a post takes to read, after a dot. */
export function ReadingTime({ body }: { body: string }) {
  return (
    <TextBoundary key={body} fallback={null}>
      <Minutes body={body} />
    </TextBoundary>
  );
}

function Minutes({ body }: { body: string }) {
  const minutes = useMemo(() => minutesToRead(body), [body]);
  return (
    <>
      <Dot />
      <span>{t("posts.byline.readingTime", { minutes })}</span>
    </>
  );
}
