import { Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, RetryInfoSchema } from "@plaza/contract/google/rpc/error_details";
import { errorInfoOf, reasonOf } from "./errors.ts";

/** Names in braces stand for facts in the metadata of the error; `wait` for the delay before a retry. */
const messageByReason: Record<string, string> = {
  ACCOUNT_DEACTIVATED: "This account has been deactivated. An administrator can reactivate it.",
  ALREADY_FRIENDS: "You are friends already.",
  CART_CHANGED: "Your cart was changed elsewhere. This is what is in it now.",
  CART_EMPTY: "Your cart is empty. If you have just ordered, look among your orders.",
  CART_FULL: "A cart holds 100 different products at most.",
  CHAT_BLOCKED: "You cannot write to each other any more.",
  CROSS_SITE_REQUEST:
    "The server does not take this page for its own. Its administrator can tell it the public address.",
  ETAG_MISMATCH: "Someone else changed this in the meantime. Check it, then save again.",
  EMAIL_TAKEN: "An account with this e-mail address exists already.",
  KEY_REUSED:
    "An earlier version of this text has been published already. Look among your posts before you publish again.",
  LAST_ADMIN: "This is the last administrator. Make somebody else one first.",
  MESSAGE_DELETED: "This message was deleted.",
  NICKNAME_TAKEN: "This nickname is taken.",
  NOT_A_MODERATOR: "Only the owner and moderators of the group can do this.",
  NOT_ENOUGH_STOCK: "There are not as many left.",
  NOT_FRIENDS: "You can do this with friends only.",
  NOT_THE_OWNER: "Only the owner of the group can do this.",
  NOT_YOUR_MESSAGE: "Only who wrote this message can change it.",
  NOT_YOUR_ORDER: "Only its buyer can see this order.",
  NOT_YOUR_POST: "Only its author can change this post.",
  NOT_YOUR_PROFILE: "Only its owner can change this profile.",
  NO_SUCH_ACCOUNT: "This account does not exist any more.",
  NO_SUCH_CHAT: "You are not in this chat, or it does not exist.",
  NO_SUCH_MEMBER: "This person is not in the group any more.",
  NO_SUCH_MESSAGE: "This message does not exist.",
  NO_SUCH_ORDER: "This order does not exist.",
  NO_SUCH_POST: "This post does not exist, or was deleted.",
  NO_SUCH_PRODUCT: "This product does not exist.",
  NO_SUCH_REQUEST: "This request was taken back.",
  NO_SUCH_SESSION: "This session has ended already.",
  NO_SUCH_USER: "This member does not exist, or has left.",
  OTHER_ACCOUNT: "This was for an account that is not signed in here any more.",
  OTHER_CURRENCY: "Your cart holds prices in another currency. Order that first, or clear it.",
  PASSWORD_TOO_COMMON: "This password is among the most common ones. Choose another.",
  PRICE_CHANGED: "Prices have changed meanwhile. Look at the new total before you order.",
  PRODUCT_RETIRED: "This is not sold any more.",
  REQUEST_DECLINED: "This person has declined your request. You can send another one {wait}.",
  REGISTRATION_IN_PROGRESS: "This registration is under way already. Try again in a moment.",
  STOCK_OUT_OF_RANGE: "There are not as many to take away.",
  THEY_HAVE_TOO_MANY_FRIENDS: "This person has as many friends as one can have.",
  TOO_MANY_BLOCKED: "You block as many people as one can.",
  TOO_MANY_CHATS: "One of you is in as many groups as one can be.",
  TOO_MANY_FRIENDS: "You have as many friends as one can have.",
  TOO_MANY_IN_CART: "There may not be as many in one cart.",
  TOO_MANY_MEMBERS: "A group has 500 members at most.",
  TOO_MANY_OPEN_REQUESTS: "Too many of your requests wait for an answer. Take some back first.",
  TOO_MANY_RESERVED:
    "Your unpaid orders may hold {limit} of a product, and hold {current} of this one. Pay for an order or cancel one first.",
  TOO_MANY_REACTIONS: "There are as many different reactions as there can be.",
  TOO_MANY_UNPAID_ORDERS:
    "You have {current} unpaid orders, and can have {limit}. Pay for an order or cancel one first.",
  USER_BLOCKED: "You block this person. Unblock them first.",
  WRONG_CREDENTIALS: "The login or the password is wrong.",
  WRONG_ORDER_STATE: "The order has come further meanwhile. This is where it is now.",
  WRONG_PASSWORD: "This is not your current password.",
};

const messageByCode: Partial<Record<Code, string>> = {
  [Code.Aborted]: "Somebody else changed this at the same moment. Try again.",
  [Code.DeadlineExceeded]: "The server took too long to answer. Try again.",
  [Code.NotFound]: "This does not exist, or was deleted.",
  [Code.PermissionDenied]: "You may not do this.",
  [Code.Unauthenticated]: "You are signed out. Sign in and try again.",
  [Code.Unavailable]: "The server cannot be reached. Try again in a moment.",
};

/** The form field that an error without field violations is about. */
const fieldByReason: Record<string, string> = {
  EMAIL_TAKEN: "email",
  NICKNAME_TAKEN: "nickname",
  PASSWORD_TOO_COMMON: "password",
  WRONG_PASSWORD: "currentPassword",
};

/** Messages for violated rules of the contract, where a form can say it better than the rule. */
const messageByField: Record<string, string> = {
  avatarUrl: "Give an address that starts with https://, of at most 500 characters.",
  currency: "Give a currency by its three letters, such as EUR.",
  email: "Give a complete e-mail address, such as ada@example.org.",
  maxQuantity: "Give a number from 1 to 99.",
  nickname: "Use 3 to 25 letters, digits or underscores.",
  phone: "Give a phone number of 6 to 15 digits.",
  password: "Use 8 to 200 characters.",
  newPassword: "Use 8 to 200 characters.",
  currentPassword: "Give your current password.",
  pictureUrls: "Give up to 10 addresses that start with https://, or with / on this site.",
  priceMinor: "Give a price such as 12.50.",
  stock: "Give a whole number, up to a million.",
  title: "Add a title (up to 125 characters).",
};

/** Messages for violated rules of the contract, where no field has its own. */
const messageByRule: Record<string, string> = {
  STRING_LINE: "Use a single line, without control characters.",
  STRING_VISIBLE: "Write something that can be seen.",
};

/** A message for people, of one or two sentences. */
export function errorMessage(error: unknown): string {
  const connectError = ConnectError.from(error);
  // The browser's text for a broken connection is technical.
  if (connectError.cause instanceof TypeError) return messageByCode[Code.Unavailable] ?? "";
  if (connectError.code === Code.ResourceExhausted) {
    return (
      reasonMessage(connectError) ??
      `Too many attempts. Try again ${formatRetryDelay(connectError)}.`
    );
  }
  return (
    reasonMessage(connectError) ??
    messageByCode[connectError.code] ??
    (connectError.code === Code.InvalidArgument
      ? connectError.rawMessage
      : "Something went wrong on the server.")
  );
}

/** Messages by form field: a violation of `user.picture_urls[1]` belongs to the field `pictureUrls`. */
export function fieldErrors(error: unknown): Map<string, string> {
  const messages = new Map<string, string>();
  for (const { fieldViolations } of ConnectError.from(error).findDetails(BadRequestSchema)) {
    for (const { field, description, reason } of fieldViolations) {
      const name = formFieldName(field);
      messages.set(
        name,
        messageByReason[reason] ??
          messageByField[name] ??
          messageByRule[reason] ??
          toSentence(description),
      );
    }
  }
  const reason = reasonOf(error) ?? "";
  const field = fieldByReason[reason];
  if (field && messages.size === 0)
    messages.set(field, messageByReason[reason] ?? errorMessage(error));
  return messages;
}

function reasonMessage(error: ConnectError): string | undefined {
  const { reason = "", metadata = {} } = errorInfoOf(error) ?? {};
  const facts: Record<string, string> = { ...metadata, wait: formatRetryDelay(error) };
  return messageByReason[reason]?.replaceAll(/{(\w+)}/g, (_, name: string) => facts[name] ?? "");
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

function formatRetryDelay(error: ConnectError): string {
  const seconds = Number(error.findDetails(RetryInfoSchema)[0]?.retryDelay?.seconds ?? 0n);
  if (seconds <= 0) return "later";
  if (seconds < 90) return `in ${seconds} seconds`;
  if (seconds < 90 * 60) return `in ${Math.ceil(seconds / 60)} minutes`;
  if (seconds < 36 * 3_600) return `in ${Math.ceil(seconds / 3_600)} hours`;
  return `in ${Math.ceil(seconds / 86_400)} days`;
}
