import { ChevronDown } from "lucide-react";

type DisclosureButtonProps = {
  open: boolean;
  /** The id of the panel that the button shows and hides. */
  panelId: string;
  onToggle: () => void;
  className: string;
  children: string;
};

/** A button that shows and hides a panel, with a chevron that points the way. */
export function DisclosureButton(props: DisclosureButtonProps) {
  const { open, panelId, onToggle, className, children } = props;
  return (
    <button
      type="button"
      aria-expanded={open}
      aria-controls={open ? panelId : undefined}
      onClick={onToggle}
      className={`flex items-center gap-1.5 rounded-md text-sm ${className}`}
    >
      {children}
      <ChevronDown
        aria-hidden
        className={`size-4 transition-transform duration-150 ${open ? "rotate-180" : ""}`}
      />
    </button>
  );
}
