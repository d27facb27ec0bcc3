import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import { controlLook } from "./field.tsx";

const pauseMs = 300;

type SearchFieldProps = {
  label: string;
  placeholder?: string;
  value: string;
  maxLength: number;
  onSearch: (text: string) => void;
};

/** Searches when typing pauses, or at once on Enter. */
export function SearchField({
  label,
  placeholder = label,
  value,
  maxLength,
  onSearch,
}: SearchFieldProps) {
  const [text, setText] = useState(value);
  // The address can change beneath the field: the back button, a link to the page without a search.
  useEffect(() => setText((typed) => (typed.trim() === value ? typed : value)), [value]);
  useEffect(() => {
    if (text.trim() === value) return;
    const timer = setTimeout(() => onSearch(text.trim()), pauseMs);
    return () => clearTimeout(timer);
    // Only typing starts the clock.
  }, [text]);
  return (
    <search>
      <form
        className="relative"
        onSubmit={(event) => {
          event.preventDefault();
          onSearch(text.trim());
        }}
      >
        <Search
          className="pointer-events-none absolute top-1/2 left-3.5 size-4.5 -translate-y-1/2 text-faint"
          aria-hidden
        />
        <input
          type="search"
          aria-label={label}
          placeholder={placeholder}
          maxLength={maxLength}
          value={text}
          onChange={(event) => setText(event.target.value)}
          className={`min-h-11 pl-10.5 ${controlLook}`}
        />
      </form>
    </search>
  );
}
