import { Minus, Plus } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";

type QuantityFieldProps = {
  /** What it is a quantity of. */
  itemName: string;
  value: number;
  max: number;
  onChange: (quantity: number) => void;
};

/** A number of pieces from 1 to the most: pressed up and down, or typed. */
export function QuantityField({ itemName, value, max, onChange }: QuantityFieldProps) {
  const [text, setText] = useState(String(value));
  useEffect(() => setText(String(value)), [value]);
  const within = (quantity: number) => Math.max(1, Math.min(quantity, max));
  const commit = () => {
    const typed = Number.parseInt(text, 10);
    const wanted = Number.isNaN(typed) ? value : within(typed);
    setText(String(wanted));
    if (wanted !== value) onChange(wanted);
  };
  return (
    <fieldset className="inline-flex rounded-md bg-card shadow-card">
      <legend className="sr-only">Quantity of {itemName}</legend>
      <StepButton
        label={`One less of ${itemName}`}
        isDisabled={value <= 1}
        onPress={() => onChange(within(value - 1))}
      >
        <Minus className="size-4" aria-hidden />
      </StepButton>
      <input
        inputMode="numeric"
        aria-label={`Quantity of ${itemName}`}
        value={text}
        onChange={(event) => setText(event.target.value.replaceAll(/\D/g, "").slice(0, 2))}
        onBlur={commit}
        onKeyDown={({ key }) => {
          if (key === "Enter") commit();
          if (key === "ArrowUp" && value < max) onChange(value + 1);
          if (key === "ArrowDown" && value > 1) onChange(within(value - 1));
        }}
        className="w-9 rounded-sm bg-transparent text-center text-base font-semibold tabular-nums"
      />
      <StepButton
        label={`One more of ${itemName}`}
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

/** Stays focusable at its end, so that whoever presses on by keyboard does not lose the place. */
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
