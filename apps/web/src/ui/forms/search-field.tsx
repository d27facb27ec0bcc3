import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { controlClass } from "./control-class.ts";

const searchDebounceMs = 300;

type SearchFieldProps = {
  label: string;
  placeholder?: string;
  value: string;
  maxLength: number;
  onSearch: (text: string) => void;
};

/** Searches when typing pauses, or at once on Enter. */
export function SearchField(props: SearchFieldProps) {
  const { label, placeholder = label, value, maxLength, onSearch } = props;
  const { text, setText, search } = useDebouncedSearch(value, onSearch);
  return (
    <search>
      <form
        className="relative"
        onSubmit={(event) => {
          event.preventDefault();
          search();
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
          className={`min-h-11 pl-10.5 ${controlClass}`}
        />
      </form>
    </search>
  );
}

function useDebouncedSearch(value: string, onSearch: (text: string) => void) {
  const [text, setText] = useState(value);
  const asked = useRef(value);
  const search = () => {
    asked.current = text.trim();
    onSearch(asked.current);
  };
  // The address can change beneath the field, by the back button; our own searches come back as well,
  // and must not undo what was typed meanwhile.
  useEffect(() => {
    if (value === asked.current) return;
    asked.current = value;
    setText(value);
  }, [value]);
  // Only typing starts the clock.
  useEffect(() => {
    if (text.trim() === asked.current) return;
    const timer = setTimeout(search, searchDebounceMs);
    return () => clearTimeout(timer);
  }, [text]);
  return { text, setText, search };
}
