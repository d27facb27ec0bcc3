import { truncate } from "@plaza/kit/text/graphemes";
import { toPlainText } from "@plaza/kit/text/plain-text";
import { memo } from "react";
import { TextBoundary } from "../../ui/markdown/text-boundary.tsx";

/** More than a preview shows, even of a text that is mostly marks. */
const maxScannedLength = 1_000;
const maxPreviewGraphemes = 200;

type MessagePreviewProps = { className?: string; children: string };

/** The beginning of a message as its reader sees it, on few lines and in its own direction. */
export const MessagePreview = memo(function MessagePreview(props: MessagePreviewProps) {
  const { children, className } = props;
  const beginning = children.slice(0, maxScannedLength).toWellFormed();
  return (
    <span dir="auto" className={className}>
      <TextBoundary key={beginning} fallback={truncate(beginning, maxPreviewGraphemes)}>
        <Preview>{beginning}</Preview>
      </TextBoundary>
    </span>
  );
});

function Preview({ children }: { children: string }) {
  return truncate(toPlainText(children), maxPreviewGraphemes);
}
