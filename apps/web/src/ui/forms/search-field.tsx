import { countCharacters } from "@plaza/kit/text/graphemes";
import { Search } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { CharacterCount } from "./character-count.tsx";
import { controlClass } from "./control-class.ts";

const searchDebounceMs = 300;

type SearchFieldProps = {
  label: string;
  placeholder?: string;
  value: string;
  maxLength: number;
  onSearch: (text: string) => void;
};

/** Calls `onSearch` 0.3 s after the last keystroke, or at once on Enter, unless the text is too long. */
export function SearchField(props: SearchFieldProps) {
  const { label, placeholder = label, value, maxLength, onSearch } = props;
  const { text, setText, search } = useDebouncedSearch(value, onSearch, maxLength);
  const countId = useId();
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
          className="pointer-events-none absolute top-1/2 start-3.5 size-4.5 -translate-y-1/2 text-faint"
          aria-hidden
        />
        <input
          type="search"
          aria-label={label}
          placeholder={placeholder}
          dir="auto"
          aria-describedby={countId}
          value={text}
          onChange={(event) => setText(event.target.value)}
          className={`min-h-11 ps-10.5 ${controlClass}`}
        />
        <p id={countId} role="status" className="text-xs text-faint not-empty:mt-1.5">
          <CharacterCount text={text.trim()} limit={maxLength} />
        </p>
      </form>
    </search>
  );
}

function useDebouncedSearch(value: string, onSearch: (text: string) => void, maxLength: number) {
  const [text, setText] = useState(value);
  const lastSearch = useRef(value);
  const search = () => {
    if (countCharacters(text.trim()) > maxLength) return;
    lastSearch.current = text.trim();
    onSearch(lastSearch.current);
  };
  // The value also changes by the back button. After a search of our own it must not undo what was typed since.
  useEffect(() => {
    if (value === lastSearch.current) return;
    lastSearch.current = value;
    setText(value);
  }, [value]);
  // Depends on the text alone, so that a new value starts no search.
  useEffect(() => {
    if (text.trim() === lastSearch.current) return;
    const timer = setTimeout(search, searchDebounceMs);
    return () => clearTimeout(timer);
  }, [text]);
  return { text, setText, search };
}
