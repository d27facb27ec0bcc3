import { type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { useLocation } from "react-router";

type MenuProps = { label: string; button: ReactNode; buttonClass: string; children: ReactNode };

/** A button that opens a panel of menu items. A press of a button in the panel closes it. */
export function Menu({ label, button, buttonClass, children }: MenuProps) {
  const { open, setOpen, root, trigger, close } = useDisclosure();
  const panel = useFloating(open, trigger);
  const id = useId();
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: handles Escape from the controls inside
    <div
      ref={root}
      className="relative"
      onKeyDown={(event) => {
        if (event.key === "Escape" && open) close();
      }}
    >
      <button
        ref={trigger}
        type="button"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
        className={buttonClass}
      >
        <span className="sr-only">{label}</span>
        {button}
      </button>
      {open && (
        // biome-ignore lint/a11y/noStaticElementInteractions: handles clicks on the buttons inside
        // biome-ignore lint/a11y/useKeyWithClickEvents: buttons turn key presses into clicks
        <div
          ref={panel}
          id={id}
          popover="manual"
          onClick={({ target }) => {
            if (target instanceof Element && target.closest("button")) close();
          }}
          className="rise fixed inset-auto z-30 m-0 w-60 rounded-lg bg-card p-1.5 text-ink shadow-float"
        >
          {children}
        </div>
      )}
    </div>
  );
}

/** Closes on navigation, and when the pointer or the focus goes outside. */
function useDisclosure() {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const trigger = useRef<HTMLButtonElement>(null);
  const { key } = useLocation();
  useEffect(() => setOpen(false), [key]);
  useEffect(() => {
    if (!open) return;
    const closeIfOutside = ({ target }: Event) => {
      if (!root.current?.contains(target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", closeIfOutside);
    document.addEventListener("focusin", closeIfOutside);
    return () => {
      document.removeEventListener("pointerdown", closeIfOutside);
      document.removeEventListener("focusin", closeIfOutside);
    };
  }, [open]);
  const close = () => {
    setOpen(false);
    trigger.current?.focus();
  };
  return { open, setOpen, root, trigger, close };
}

const gapPx = 8;

/** Places the panel beside its button and inside the window. As a popover, it is not clipped by scrolling parents. */
function useFloating(open: boolean, trigger: React.RefObject<HTMLElement | null>) {
  const panel = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!open) return;
    panel.current?.showPopover?.();
    const place = () => {
      const [button, floating] = [trigger.current, panel.current];
      if (!button || !floating) return;
      const { top, bottom, right } = button.getBoundingClientRect();
      const { offsetWidth: width, offsetHeight: height } = floating;
      const { clientWidth, clientHeight } = document.documentElement;
      const below = bottom + gapPx;
      const fits = below + height + gapPx <= clientHeight;
      const left = Math.min(right - width, clientWidth - width - gapPx);
      floating.style.top = `${fits ? below : Math.max(gapPx, top - gapPx - height)}px`;
      floating.style.left = `${Math.max(gapPx, left)}px`;
    };
    place();
    window.addEventListener("scroll", place, { capture: true, passive: true });
    window.addEventListener("resize", place);
    return () => {
      window.removeEventListener("scroll", place, { capture: true });
      window.removeEventListener("resize", place);
    };
  }, [open, trigger]);
  return panel;
}

export const menuItemClass =
  "flex min-h-11 w-full items-center gap-3 rounded-md px-3 py-1.5 text-start text-sm text-ink hover:bg-sunken [&_svg]:size-4.5 [&_svg]:text-faint";
