import { controlClass } from "./control-class.ts";

type SortSelectProps<T extends string> = {
  label: string;
  value: T;
  options: readonly T[];
  labelOf: (option: T) => string;
  onChange: (option: T) => void;
};

/** Chooses the order of a list. */
export function SortSelect<T extends string>(props: SortSelectProps<T>) {
  const { label, value, options, labelOf, onChange } = props;
  return (
    <select
      aria-label={label}
      value={value}
      onChange={({ target }) => onChange(target.value as T)}
      className={`min-h-11 max-w-40 ${controlClass}`}
    >
      {options.map((option) => (
        <option key={option} value={option}>
          {labelOf(option)}
        </option>
      ))}
    </select>
  );
}
