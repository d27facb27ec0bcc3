import { lazy, Suspense } from "react";

const MarkdownText = lazy(() => import("./markdown-text.tsx"));

/** Renders Markdown; the renderer is loaded when it is first needed. */
export function LazyMarkdown({ children }: { children: string }) {
  return (
    <Suspense fallback={<div className="skeleton h-40 w-full" />}>
      <MarkdownText>{children}</MarkdownText>
    </Suspense>
  );
}
