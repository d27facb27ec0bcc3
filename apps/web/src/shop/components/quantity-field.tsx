import { Minus, Plus } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { t } from "../../lib/messages.ts";
import { Trans } from "../../ui/trans.tsx";

type QuantityFieldProps = {
  /** For labels: the quantity of what. */
  itemName: string;
  value: number;
  max: number;
  onChange: (quantity: number) => void;
};

/** A quantity from 1 to `max`, by buttons, arrow keys or typing. */
export function QuantityField({ itemName, value, max, onChange }: QuantityFieldProps) {
  const [text, setText] = useState(String(value));
  useEffect(() => setText(String(value)), [value]);
  const clamp = (quantity: number) => Math.max(1, Math.min(quantity, max));
  const commit = () => {
    const typed = Number.parseInt(text, 10);
    const quantity = Number.isNaN(typed) ? value : clamp(typed);
    setText(String(quantity));
    if (quantity !== value) onChange(quantity);
  };
  return (
    <fieldset className="inline-flex rounded-md bg-card shadow-card">
      <legend className="sr-only">
        <Trans id="shop.quantityField.label" values={{ name: <bdi>{itemName}</bdi> }} />
      </legend>
      <StepButton
        label={t("shop.quantityField.decrease", { name: itemName })}
        isDisabled={value <= 1}
        onPress={() => onChange(clamp(value - 1))}
      >
        <Minus className="size-4" aria-hidden />
      </StepButton>
      <input
        inputMode="numeric"
        aria-label={t("shop.quantityField.label", { name: itemName })}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={commit}
        onKeyDown={({ key }) => {
          if (key === "Enter") commit();
          if (key === "ArrowUp" && value < max) onChange(value + 1);
          if (key === "ArrowDown" && value > 1) onChange(clamp(value - 1));
        }}
        className="min-h-11 w-11 rounded-sm bg-transparent text-center text-base font-semibold tabular-nums"
      />
      <StepButton
        label={t("shop.quantityField.increase", { name: itemName })}
        isDisabled={value >= max}
        onPress={() => onChange(value + 1)}
      >
        <Plus className="size-4" aria-hidden />
      </StepButton>
    </fieldset>
  );
}

type StepButtonProps = {
  label: string;
  isDisabled: boolean;
  onPress: () => void;
  children: ReactNode;
};

/** Not `disabled` at the limit, so that keyboard users keep the focus. */
function StepButton({ label, isDisabled, onPress, children }: StepButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      aria-disabled={isDisabled}
      onClick={isDisabled ? undefined : onPress}
      className="grid size-11 place-items-center rounded-md text-soft hover:bg-sunken hover:text-ink aria-disabled:cursor-default aria-disabled:bg-transparent aria-disabled:text-faint aria-disabled:opacity-50"
    >
      {children}
    </button>
  );
}
