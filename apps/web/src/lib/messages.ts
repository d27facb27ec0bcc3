import type { MessageFormatElement } from "@formatjs/icu-messageformat-parser";
import { IntlMessageFormat } from "intl-messageformat";
import { en } from "../../gen/messages/en.ts";
import type { MessageValues } from "../../gen/messages/values.ts";
import { readerLocale } from "./format-locale.ts";

export type MessageId = keyof typeof en;

/** What a message takes: nothing, or one object with its values. */
export type MessageArguments<Values> = keyof Values extends never ? [] : [values: Values];

/** The ids of messages that take no values. */
export type TextId = {
  [Id in MessageId]: keyof MessageValues<0, 0>[Id] extends never ? Id : never;
}[MessageId];

const formatters = new Map<MessageId, IntlMessageFormat>();

/**
 * Gives a text of the site, which messages/ holds as an ICU message. To be called while rendering, and not when a
 * module is loaded, so that it follows the language.
 */
export function t<Id extends MessageId>(
  id: Id,
  ...[values]: MessageArguments<MessageValues<string | number, never>[Id]>
): string {
  const message = en[id];
  if (typeof message === "string") return message;
  return String(formatter(id, message).format(values));
}

/** The text of an id that is made of a key of other origin; undefined when there is none. */
export function findText(id: string): string | undefined {
  const message: unknown = Object.hasOwn(en, id) ? en[id as MessageId] : undefined;
  return typeof message === "string" ? message : undefined;
}

/** Formats a message to its parts: texts, and the values which are none. */
export function formatParts<T>(id: MessageId, values: Record<string, unknown>): (string | T)[] {
  const message = en[id];
  if (typeof message === "string") return [message];
  const parts = formatter(id, message).format<T>(values as Record<string, T>);
  return Array.isArray(parts) ? parts : [parts];
}

function formatter(id: MessageId, message: MessageFormatElement[]): IntlMessageFormat {
  const cached = formatters.get(id);
  if (cached) return cached;
  const created = new IntlMessageFormat(message, readerLocale);
  formatters.set(id, created);
  return created;
}
