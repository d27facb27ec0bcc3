import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import { errorMessage } from "../../lib/error-message.ts";
import { t } from "../../lib/messages.ts";
import { Button } from "../../ui/button.tsx";
import { controlClass } from "../../ui/forms/control-class.ts";

type RestockFieldProps = {
  name: string;
  stock: number;
  onRestock: (quantity: number) => Promise<unknown>;
};

/** The stock, with a field to add to it or take from it. */
export function RestockField({ name, stock, onRestock }: RestockFieldProps) {
  const [text, setText] = useState("");
  const restock = useMutation({ mutationFn: onRestock, onSuccess: () => setText("") });
  const id = useId();
  const quantity = /^[+-]?\d{1,7}$/.test(text.trim()) ? Number(text) : 0;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (quantity !== 0) restock.mutate(quantity);
      }}
    >
      <div className="flex items-center gap-2">
        <span className="min-w-9 shrink-0 tabular-nums md:text-end">{stock}</span>
        <input
          aria-label={t("admin.restockField.label", { name })}
          aria-describedby={restock.error ? id : undefined}
          placeholder={t("admin.restockField.placeholder")}
          value={text}
          onChange={({ target }) => setText(target.value.replace("−", "-"))}
          className={`min-h-11 w-20! ${controlClass}`}
        />
        <Button
          type="submit"
          aria-label={t(
            quantity < 0 ? "admin.restockField.removeFrom" : "admin.restockField.addTo",
            { name },
          )}
          busy={restock.isPending}
          disabled={quantity === 0}
          className="min-h-11 px-3 disabled:cursor-default"
        >
          {t(quantity < 0 ? "admin.restockField.remove" : "admin.restockField.add")}
        </Button>
      </div>
      {restock.error && (
        <p id={id} role="alert" className="mt-1 text-xs font-medium text-danger">
          {errorMessage(restock.error)}
        </p>
      )}
    </form>
  );
}
