import { X } from "lucide-react";
import { useSyncExternalStore } from "react";
import { t } from "../lib/messages.ts";
import { currentToasts, dismissToast, subscribeToToasts } from "./toasts.ts";

export function ToastRegion() {
  const toasts = useSyncExternalStore(subscribeToToasts, currentToasts, currentToasts);
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-4 bottom-20 z-50 md:bottom-5 flex flex-col items-center gap-2"
    >
      {toasts.map(({ id, text, action }) => (
        <div
          key={id}
          className="rise pointer-events-auto flex max-w-md items-center gap-2 rounded-md bg-ink py-1 pe-1 ps-4 text-sm font-medium text-paper shadow-float"
        >
          {text}
          {action && (
            <button
              type="button"
              onClick={() => {
                dismissToast(id);
                action.onPress();
              }}
              className="ms-1 min-h-11 shrink-0 rounded-sm px-2 font-bold underline decoration-1 underline-offset-4 hover:decoration-2 focus-visible:outline-paper"
            >
              {action.label}
            </button>
          )}
          <button
            type="button"
            aria-label={t("ui.toast.dismiss")}
            onClick={() => dismissToast(id)}
            className="grid size-11 place-items-center rounded-sm opacity-70 hover:opacity-100 focus-visible:outline-paper"
          >
            <X className="size-4" aria-hidden />
          </button>
        </div>
      ))}
    </div>
  );
}
