import { createContext, type ReactNode, useContext, useEffect, useRef } from "react";
import { useLocation } from "react-router";
import { t } from "../lib/messages.ts";

type HeadingProps = { title: string; children?: ReactNode; className?: string };

/** Whether the page was navigated to, back and forth included; false for the first one of a visit. */
export const IsNavigation = createContext(false);

/** The page's only h1, and the window's title. Takes the focus on navigation, so that screen readers read it. */
export function Heading({
  title,
  children = title,
  className = "text-3xl font-bold",
}: HeadingProps) {
  const ref = useRef<HTMLHeadingElement>(null);
  const { pathname } = useLocation();
  const isNavigation = useContext(IsNavigation);
  // Only a new path moves the focus; a new search string or hash does not.
  useEffect(() => {
    if (isNavigation) ref.current?.focus({ preventScroll: true });
  }, [pathname]);
  return (
    <>
      <title>{t("ui.heading.windowTitle", { title })}</title>
      <h1 ref={ref} tabIndex={-1} dir="auto" className={className}>
        {children}
      </h1>
    </>
  );
}
