/** A text as it was written, with its line breaks and spaces. */
export function PlainText({ children }: { children: string }) {
  return (
    <p dir="auto" className="whitespace-pre-wrap">
      {children}
    </p>
  );
}
