import { useEffect, useState } from "react";

const delayMs = 150;

/** A line at the top of the window while the next page is being loaded; not of one that comes at once. */
export function ProgressBar({ isLoading }: { isLoading: boolean }) {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    if (!isLoading) return;
    const timer = setTimeout(() => setLate(true), delayMs);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [isLoading]);
  return (
    isLate && (
      <div aria-hidden className="progress-bar fixed inset-x-0 top-0 z-40 h-0.75 bg-accent" />
    )
  );
}
