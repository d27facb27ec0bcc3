// Compiles the texts of the site from apps/web/messages/<language>/ (ICU messages, a JSON file for each part of the
// site) to apps/web/gen/messages/: a module for each language, and the types of what its messages take.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parse, TYPE } from "@formatjs/icu-messageformat-parser";
import { root } from "./setup.mjs";

const source = path.join(root, "apps/web/messages");
const target = path.join(root, "apps/web/gen/messages");

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
for (const language of readdirSync(source)) {
  const messages = readMessages(language);
  if (language === "en") writeFileSync(path.join(target, "values.ts"), valueTypes(messages));
  writeFileSync(path.join(target, `${language}.ts`), compiledModule(language, messages));
}

/** Message by id: the name of its file, a dot, its key there. */
function readMessages(language) {
  const messages = new Map();
  for (const file of readdirSync(path.join(source, language)).sort()) {
    const content = JSON.parse(readFileSync(path.join(source, language, file), "utf8"));
    for (const [key, text] of Object.entries(content)) {
      const id = `${path.basename(file, ".json")}.${key}`;
      messages.set(id, { text, elements: parseMessage(language, id, text) });
    }
  }
  return messages;
}

function parseMessage(language, id, text) {
  try {
    return parse(text, { captureLocation: false });
  } catch (error) {
    throw new Error(`messages/${language}: ${id}: ${error.message} in: ${text}`, { cause: error });
  }
}

/** Messages that take no values stay texts. */
function compiledModule(language, messages) {
  const entries = [...messages].map(([id, { elements }]) => {
    const isText = elements.every(({ type }) => type === TYPE.literal);
    const compiled = isText ? elements.map(({ value }) => value).join("") : elements;
    return `  ${JSON.stringify(id)}: ${JSON.stringify(compiled)},\n`;
  });
  return `import type { Catalog } from "./values.ts";

export const ${language}: Catalog = {
${entries.join("")}};
`;
}

function valueTypes(messages) {
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
function valuesOf(elements, values = new Map()) {
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
        values.set(element.value, element.type === TYPE.plural ? "number" : selectType(element));
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

function selectType({ options }) {
  const named = Object.keys(options).filter((option) => option !== "other");
  return [...named.map((option) => JSON.stringify(option)), "(string & {})"].join(" | ");
}
