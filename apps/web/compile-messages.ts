// Compiles the texts of the site from messages/<language>/ (ICU messages, a JSON file for each part of the site) to
// gen/messages/: a module for each language, and the types of what its messages take.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type MessageFormatElement, parse, TYPE } from "@formatjs/icu-messageformat-parser";

type Message = { readonly text: string; readonly elements: MessageFormatElement[] };
type Messages = ReadonlyMap<string, Message>;

const source = path.join(import.meta.dirname, "messages");
const target = path.join(import.meta.dirname, "gen/messages");

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
for (const language of readdirSync(source)) {
  const messages = readMessages(language);
  if (language === "en") writeFileSync(path.join(target, "values.ts"), valueTypes(messages));
  writeFileSync(path.join(target, `${language}.ts`), compiledModule(language, messages));
}

/** Message by id: the name of its file, a dot, its key there. */
function readMessages(language: string): Messages {
  const messages = new Map<string, Message>();
  for (const file of readdirSync(path.join(source, language)).sort()) {
    const content: Record<string, string> = JSON.parse(
      readFileSync(path.join(source, language, file), "utf8"),
    );
    for (const [key, text] of Object.entries(content)) {
      const id = `${path.basename(file, ".json")}.${key}`;
      messages.set(id, { text, elements: parseMessage(language, id, text) });
    }
  }
  return messages;
}

function parseMessage(language: string, id: string, text: string): MessageFormatElement[] {
  try {
    return parse(text, { captureLocation: false });
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`messages/${language}: ${id}: ${message} in: ${text}`, { cause: error });
  }
}

/** Messages that take no values stay texts. */
function compiledModule(language: string, messages: Messages): string {
  const entries = [...messages].map(([id, { elements }]) => {
    const literals = elements.filter((element) => element.type === TYPE.literal);
    const isText = literals.length === elements.length;
    const compiled = isText ? literals.map(({ value }) => value).join("") : elements;
    return `  ${JSON.stringify(id)}: ${JSON.stringify(compiled)},\n`;
  });
  return `import type { Catalog } from "./values.ts";

export const ${language}: Catalog = {
${entries.join("")}};
`;
}

function valueTypes(messages: Messages): string {
  const entries = [...messages].map(([id, { elements }]) => {
    const values = [...valuesOf(elements)].map(
      ([name, type]) => `${JSON.stringify(name)}: ${type}`,
    );
    return `  ${JSON.stringify(id)}: { ${values.join("; ")} };\n`;
  });
  return `import type { MessageFormatElement } from "@formatjs/icu-messageformat-parser";

/** The values of each message. \`Plain\` is what may stand for an argument without a format, \`Tag\` for a tag. */
export type MessageValues<Plain, Tag> = {
${entries.join("")}};

export type Catalog = { readonly [Id in keyof MessageValues<0, 0>]: string | MessageFormatElement[] };
`;
}

/** The type of each value by its name. */
function valuesOf(
  elements: readonly MessageFormatElement[],
  values = new Map<string, string>(),
): Map<string, string> {
  for (const element of elements) {
    switch (element.type) {
      case TYPE.argument:
        if (!values.has(element.value)) values.set(element.value, "Plain");
        break;
      case TYPE.number:
        values.set(element.value, "number");
        break;
      case TYPE.date:
      case TYPE.time:
        values.set(element.value, "Date");
        break;
      case TYPE.select:
      case TYPE.plural:
        values.set(
          element.value,
          element.type === TYPE.plural ? "number" : selectType(Object.keys(element.options)),
        );
        for (const { value } of Object.values(element.options)) valuesOf(value, values);
        break;
      case TYPE.tag:
        values.set(element.value, "Tag");
        valuesOf(element.children, values);
        break;
    }
  }
  return values;
}

function selectType(options: readonly string[]): string {
  const named = options.filter((option) => option !== "other");
  return [...named.map((option) => JSON.stringify(option)), "(string & {})"].join(" | ");
}
