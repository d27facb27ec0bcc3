import { type ReactNode, useEffect, useRef } from "react";
import { useLocation } from "react-router";

type HeadingProps = { title: string; children?: ReactNode; className?: string };

/** The page's one h1, and its title. On navigation it takes the focus, so that it is read out. */
export function Heading({
  title,
  children = title,
  className = "text-3xl font-bold",
}: HeadingProps) {
  const ref = useRef<HTMLHeadingElement>(null);
  const { key, pathname } = useLocation();
  const arrived = key !== "default";
  // A new path is what moves the focus, not a new entry of the history.
  useEffect(() => {
    if (arrived) ref.current?.focus({ preventScroll: true });
  }, [pathname]);
  return (
    <>
      <title>{`${title} · Plaza`}</title>
      <h1 ref={ref} tabIndex={-1} className={className}>
        {children}
      </h1>
    </>
  );
}
