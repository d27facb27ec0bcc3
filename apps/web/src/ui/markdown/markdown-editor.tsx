import { useDeferredValue, useState } from "react";
import type { FieldValues, Path, UseFormReturn } from "react-hook-form";
import { TextAreaField } from "../forms/fields.tsx";
import { SegmentedControl } from "../forms/segmented-control.tsx";
import { LazyMarkdown } from "./lazy-markdown.tsx";

const maxTextLength = 20_000;
const markdownHint = "Markdown: **bold**, *italic*, # heading, - list, > quote, [link](https://…).";
const panes = { write: "Write", preview: "Preview" };

type MarkdownEditorProps<T extends FieldValues> = {
  form: UseFormReturn<T>;
  name: Path<T>;
  label?: string;
};

/** Text and preview, side by side where there is room, one at a time on a phone. */
export function MarkdownEditor<T extends FieldValues>(props: MarkdownEditorProps<T>) {
  const { form, name, label = "Text" } = props;
  const [pane, setPane] = useState<keyof typeof panes>("write");
  const text = String(form.watch(name));
  const shown = useDeferredValue(text);
  return (
    <div>
      <div className="mb-4 max-w-60 lg:hidden">
        <SegmentedControl label="View" options={panes} value={pane} onChange={setPane} />
      </div>
      <div className="grid items-start gap-8 lg:grid-cols-2">
        <div className={`min-w-0 ${pane === "write" ? "" : "max-lg:hidden"}`}>
          <TextAreaField
            form={form}
            name={name}
            label={label}
            hint={markdownHint}
            limit={maxTextLength}
            className="field-sizing-content min-h-88 font-serif lg:min-h-112"
          />
        </div>
        <section
          aria-label="Preview"
          className={`min-w-0 lg:border-s lg:border-line lg:ps-8 ${pane === "preview" ? "" : "max-lg:hidden"}`}
        >
          <p className="mb-3 text-sm font-semibold max-lg:hidden">Preview</p>
          {shown.trim() ? (
            <LazyMarkdown>{shown}</LazyMarkdown>
          ) : (
            <p className="text-faint">What you write appears here as readers will see it.</p>
          )}
        </section>
      </div>
    </div>
  );
}
