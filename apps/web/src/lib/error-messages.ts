import { Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, RetryInfoSchema } from "@plaza/contract/google/rpc/error_details";
import { errorInfoOf, reasonOf } from "./errors.ts";
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

/** A message for people, of one or two sentences. */
export function errorMessage(error: unknown): string {
  const connectError = ConnectError.from(error);
  const { code, cause, rawMessage } = connectError;
  // The browser's text for a broken connection is technical.
  if (cause instanceof TypeError) return t("lib.error.unavailable");
  const message = reasonMessage(connectError);
  if (message) return message;
  if (code === Code.ResourceExhausted) {
    return t("lib.error.resourceExhausted", retryDelay(connectError));
  }
  if (code === Code.InvalidArgument) return rawMessage;
  return t(textByCode[code] ?? "lib.error.unknown");
}

/** Messages by form field: a violation of `user.picture_urls[1]` belongs to the field `pictureUrls`. */
export function fieldErrors(error: unknown): Map<string, string> {
  const messages = new Map<string, string>();
  for (const { fieldViolations } of ConnectError.from(error).findDetails(BadRequestSchema)) {
    for (const { field, description, reason } of fieldViolations) {
      const name = formFieldName(field);
      messages.set(
        name,
        findText(`lib.error.${reason}`) ??
          findText(`lib.field.${name}`) ??
          findText(`lib.rule.${reason}`) ??
          toSentence(description),
      );
    }
  }
  const field = fieldByReason[reasonOf(error) ?? ""];
  if (field && messages.size === 0) messages.set(field, errorMessage(error));
  return messages;
}

function reasonMessage(error: ConnectError): string | undefined {
  const { reason = "", metadata = {} } = errorInfoOf(error) ?? {};
  const facts = { limit: Number(metadata["limit"]), current: Number(metadata["current"]) };
  switch (reason) {
    case "REQUEST_DECLINED":
      return t("lib.error.REQUEST_DECLINED", retryDelay(error));
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
function retryDelay(error: ConnectError): RetryDelay {
  const [info] = error.findDetails(RetryInfoSchema);
  const seconds = Number(info?.retryDelay?.seconds ?? 0n);
  if (seconds <= 0) return { unit: "unknown", count: 0 };
  if (seconds < 90) return { unit: "second", count: seconds };
  if (seconds < 90 * 60) return { unit: "minute", count: Math.ceil(seconds / 60) };
  if (seconds < 36 * 3_600) return { unit: "hour", count: Math.ceil(seconds / 3_600) };
  return { unit: "day", count: Math.ceil(seconds / 86_400) };
}
