import type { UseMutationResult } from "@tanstack/react-query";
import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { errorMessage } from "../lib/error-message.ts";
import { t } from "../lib/messages.ts";
import { Alert } from "./alert.tsx";
import { Button } from "./button.tsx";

type DialogProps = { title: string; onClose: () => void; wide?: boolean; children: ReactNode };

/** A modal dialog, open for as long as it is rendered. Focus returns to where it was. */
export function Dialog({ title, onClose, wide = false, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // A layout effect, because a dialog returns the focus only if it is closed before it is removed from the page.
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClose={() => {
        if (ref.current?.open === false) onClose();
      }}
      className={`rise m-auto max-h-[min(52rem,92dvh)] w-[calc(100%-2rem)] overflow-y-auto rounded-lg bg-card p-6 text-ink shadow-float sm:p-7 ${wide ? "max-w-xl" : "max-w-md"}`}
    >
      <h2 id={heading} className="mb-4 text-xl font-semibold">
        {title}
      </h2>
      {children}
    </dialog>
  );
}

type ConfirmDialogProps = {
  title: string;
  confirmLabel: string;
  variant?: "danger" | "primary";
  children: ReactNode;
  /** Runs when the user confirms; its error shows in the dialog. */
  mutation: Pick<UseMutationResult<unknown, Error, void>, "mutate" | "isPending" | "error">;
  onClose: () => void;
};

/** Asks before a mutation that destroys something or reaches far; Cancel has the focus. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, confirmLabel, variant = "danger", children, mutation, onClose } = props;
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="space-y-4 text-soft">
        <div>{children}</div>
        {mutation.error && <Alert tone="danger">{errorMessage(mutation.error)}</Alert>}
      </div>
      <div className="mt-6 flex flex-wrap justify-end gap-3">
        <Button onClick={onClose}>{t("ui.common.cancel")}</Button>
        <Button variant={variant} busy={mutation.isPending} onClick={() => mutation.mutate()}>
          {confirmLabel}
        </Button>
      </div>
    </Dialog>
  );
}
