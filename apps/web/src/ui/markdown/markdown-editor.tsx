import { useDeferredValue, useState } from "react";
import type { FieldValues, Path, UseFormReturn } from "react-hook-form";
import { t } from "../../lib/messages.ts";
import { TextAreaField } from "../forms/fields.tsx";
import { SegmentedControl } from "../forms/segmented-control.tsx";
import { LazyMarkdown } from "./lazy-markdown.tsx";

const maxTextLength = 20_000;

type Pane = "write" | "preview";

type MarkdownEditorProps<T extends FieldValues> = {
  form: UseFormReturn<T>;
  name: Path<T>;
  label?: string;
};

/** Text and preview, side by side where there is room, one at a time on a phone. */
export function MarkdownEditor<T extends FieldValues>(props: MarkdownEditorProps<T>) {
  const { form, name, label = t("ui.markdownEditor.label") } = props;
  const [pane, setPane] = useState<Pane>("write");
  const text = String(form.watch(name));
  const shown = useDeferredValue(text);
  const panes = { write: t("ui.markdownEditor.write"), preview: t("ui.markdownEditor.preview") };
  return (
    <div>
      <div className="mb-4 max-w-60 lg:hidden">
        <SegmentedControl
          label={t("ui.markdownEditor.view")}
          options={panes}
          value={pane}
          onChange={setPane}
        />
      </div>
      <div className="grid items-start gap-8 lg:grid-cols-2">
        <div className={`min-w-0 ${pane === "write" ? "" : "max-lg:hidden"}`}>
          <TextAreaField
            form={form}
            name={name}
            label={label}
            hint={t("ui.markdownEditor.hint")}
            limit={maxTextLength}
            className="field-sizing-content min-h-88 font-serif lg:min-h-112"
          />
        </div>
        <section
          aria-label={panes.preview}
          className={`min-w-0 lg:border-s lg:border-line lg:ps-8 ${pane === "preview" ? "" : "max-lg:hidden"}`}
        >
          <p className="mb-3 text-sm font-semibold max-lg:hidden">{panes.preview}</p>
          {shown.trim() ? (
            <LazyMarkdown>{shown}</LazyMarkdown>
          ) : (
            <p className="text-faint">{t("ui.markdownEditor.nothing")}</p>
          )}
        </section>
      </div>
    </div>
  );
}
