import { type DescMessage, getOption, isFieldSet, type Message } from "@bufbuild/protobuf";
import { Sensitivity, sensitivity } from "@plaza/contract/kit/v1/options";
import { fieldValues } from "./field-values.ts";

/**
 * A copy of an error for the log, without the personal data and secrets of the request that led to
 * it: what the contract marks as such in the message is cut out of the texts of the error and its
 * causes, whatever its case. An error should not quote a request, but many libraries' do.
 */
export function redact(error: unknown, schema: DescMessage, request: Message): Error {
  const texts = new Set<string>();
  collectSensitive(schema, request, false, texts);
  const longestFirst = [...texts].sort((a, b) => b.length - a.length).map(RegExp.escape);
  const pattern = longestFirst.length > 0 ? new RegExp(longestFirst.join("|"), "giu") : undefined;
  return copyRedacted(error, (text) => (pattern ? text.replace(pattern, "[redacted]") : text), 0);
}

// Shorter texts are in every other word; cutting them out would leave nothing to read.
const minRedactedLength = 3;
const maxCauseDepth = 5;

function collectSensitive(
  schema: DescMessage,
  message: Message,
  all: boolean,
  texts: Set<string>,
): void {
  for (const field of schema.fields) {
    if (!isFieldSet(message, field)) continue;
    const marked = all || getOption(field, sensitivity) !== Sensitivity.UNSPECIFIED;
    for (const [, value] of fieldValues(message, field)) {
      if (typeof value === "string") {
        if (marked && value.length >= minRedactedLength) texts.add(value);
      } else if (field.message) collectSensitive(field.message, value as Message, marked, texts);
    }
  }
}

function copyRedacted(error: unknown, clean: (text: string) => string, depth: number): Error {
  if (!(error instanceof Error)) return new Error(clean(String(error)));
  const { name, message, stack, cause } = error;
  const redacted = new Error(clean(message), {
    ...(cause !== undefined &&
      depth < maxCauseDepth && { cause: copyRedacted(cause, clean, depth + 1) }),
  });
  redacted.name = name;
  redacted.stack = clean(stack ?? "");
  return Object.assign(redacted, "code" in error && { code: error.code });
}
