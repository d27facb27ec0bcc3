import { type DescMessage, getOption, isFieldSet, type Message } from "@bufbuild/protobuf";
import { Sensitivity, sensitivity } from "@plaza/contract/kit/v1/options";
import { fieldValues } from "./field-values.ts";

/**
 * Copies an error for the log without the request's personal data and secrets: the values of fields with the
 * option `sensitivity` are removed, ignoring case, from the texts of the error and its causes. An error should
 * not quote a request, but those of many libraries do.
 */
export function redact(error: unknown, schema: DescMessage, request: Message): Error {
  const texts = new Set<string>();
  collectSensitive(schema, request, false, texts);
  const longestFirst = [...texts].sort((a, b) => b.length - a.length).map(RegExp.escape);
  const pattern = longestFirst.length > 0 ? new RegExp(longestFirst.join("|"), "giu") : undefined;
  return copyRedacted(error, (text) => (pattern ? text.replace(pattern, "[redacted]") : text), 0);
}

// Shorter values are part of many words; without those the text would be unreadable.
const minRedactedLength = 3;
const maxCauseDepth = 5;

function collectSensitive(
  schema: DescMessage,
  message: Message,
  isSensitive: boolean,
  texts: Set<string>,
): void {
  for (const field of schema.fields) {
    if (!isFieldSet(message, field)) continue;
    const isFieldSensitive =
      isSensitive || getOption(field, sensitivity) !== Sensitivity.UNSPECIFIED;
    for (const [, value] of fieldValues(message, field)) {
      if (typeof value === "string") {
        if (isFieldSensitive && value.length >= minRedactedLength) texts.add(value);
      } else if (field.message)
        collectSensitive(field.message, value as Message, isFieldSensitive, texts);
    }
  }
}

function copyRedacted(
  error: unknown,
  removeSensitive: (text: string) => string,
  depth: number,
): Error {
  if (!(error instanceof Error)) return new Error(removeSensitive(String(error)));
  const { name, message, stack, cause } = error;
  const redacted = new Error(removeSensitive(message), {
    ...(cause !== undefined &&
      depth < maxCauseDepth && { cause: copyRedacted(cause, removeSensitive, depth + 1) }),
  });
  redacted.name = name;
  redacted.stack = removeSensitive(stack ?? "");
  return Object.assign(redacted, "code" in error && { code: error.code });
}
