import { Code } from "@connectrpc/connect";
import type { CallError, Refusal } from "./call-error.ts";
import { errorMessage } from "./error-message.ts";
import { reasonOf, refusalOf } from "./errors.ts";
import { findText, type TextId, t } from "./messages.ts";

const textByCode: Partial<Record<Code, TextId>> = {
  [Code.Aborted]: "lib.error.aborted",
  [Code.DeadlineExceeded]: "lib.error.deadlineExceeded",
  [Code.NotFound]: "lib.error.notFound",
  [Code.PermissionDenied]: "lib.error.permissionDenied",
  [Code.Unauthenticated]: "lib.error.unauthenticated",
  [Code.Unavailable]: "lib.error.unavailable",
};

/** The form field that an error without field violations is about. */
const fieldByReason: Record<string, string> = {
  EMAIL_TAKEN: "email",
  NICKNAME_TAKEN: "nickname",
  PASSWORD_TOO_COMMON: "password",
  WRONG_PASSWORD: "currentPassword",
};

/** A message for people about a failed call, of one or two sentences. */
export function callErrorMessage({ message, code, refusal }: CallError): string {
  const text = reasonMessage(refusal);
  if (text) return text;
  if (code === Code.ResourceExhausted) {
    return t("lib.error.resourceExhausted", retryDelay(refusal));
  }
  return code === Code.InvalidArgument ? message : t(textByCode[code] ?? "lib.error.unknown");
}

/** Messages by form field: a violation of `user.picture_urls[1]` belongs to the field `pictureUrls`. */
export function fieldErrors(error: unknown): Map<string, string> {
  const messages = new Map<string, string>();
  for (const { field, description, reason } of refusalOf(error).fieldViolations ?? []) {
    const name = formFieldName(field);
    messages.set(
      name,
      findText(`lib.error.${reason}`) ??
        findText(`lib.field.${name}`) ??
        findText(`lib.rule.${reason}`) ??
        toSentence(description),
    );
  }
  const field = fieldByReason[reasonOf(error) ?? ""];
  if (field && messages.size === 0) messages.set(field, errorMessage(error));
  return messages;
}

function reasonMessage(refusal: Refusal): string | undefined {
  const { reason = "", metadata = {} } = refusal;
  const facts = { limit: Number(metadata["limit"]), current: Number(metadata["current"]) };
  switch (reason) {
    case "REQUEST_DECLINED":
      return t("lib.error.REQUEST_DECLINED", retryDelay(refusal));
    case "TOO_MANY_RESERVED":
      return t("lib.error.TOO_MANY_RESERVED", facts);
    case "TOO_MANY_UNPAID_ORDERS":
      return t("lib.error.TOO_MANY_UNPAID_ORDERS", facts);
    default:
      return findText(`lib.error.${reason}`);
  }
}

function formFieldName(path: string): string {
  const last = path.split(".").at(-1) ?? path;
  return last
    .replace(/\[\d+\]$/, "")
    .replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function toSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}

type RetryDelay = { unit: "second" | "minute" | "hour" | "day" | "unknown"; count: number };

/** How long to wait before a retry, in the unit that a message says. */
function retryDelay({ retryDelaySeconds: seconds = 0 }: Refusal): RetryDelay {
  if (seconds <= 0) return { unit: "unknown", count: 0 };
  if (seconds < 90) return { unit: "second", count: seconds };
  if (seconds < 90 * 60) return { unit: "minute", count: Math.ceil(seconds / 60) };
  if (seconds < 36 * 3_600) return { unit: "hour", count: Math.ceil(seconds / 3_600) };
  return { unit: "day", count: Math.ceil(seconds / 86_400) };
}
