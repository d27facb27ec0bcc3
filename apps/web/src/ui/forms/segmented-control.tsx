import { useId } from "react";

type SegmentedControlProps<T extends string> = {
  label: string;
  options: Record<T, string>;
  value: T;
  onChange: (value: T) => void;
};

/** One choice of a few, side by side. Radio buttons, so that arrow keys work. */
export function SegmentedControl<T extends string>({
  label,
  options,
  value,
  onChange,
}: SegmentedControlProps<T>) {
  const name = useId();
  return (
    <fieldset className="flex rounded-md bg-sunken p-0.5">
      <legend className="sr-only">{label}</legend>
      {(Object.entries(options) as [T, string][]).map(([option, text]) => (
        <label
          key={option}
          className="grid min-h-11 flex-1 cursor-pointer place-items-center rounded-sm px-1.5 text-center whitespace-nowrap sm:px-3 text-xs font-semibold text-soft has-checked:bg-raised has-checked:text-ink has-checked:shadow-card has-focus-visible:outline-2 has-focus-visible:outline-accent"
        >
          <input
            type="radio"
            name={name}
            checked={option === value}
            onChange={() => onChange(option)}
            className="sr-only"
          />
          {text}
        </label>
      ))}
    </fieldset>
  );
}
