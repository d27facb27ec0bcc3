import {
  type DescMessage,
  type JsonReadOptions,
  type Message,
  mergeFromJson,
} from "@bufbuild/protobuf";
import type { RestErrorReason } from "../http/rest-error.ts";
import type { ParsedJson } from "./json-text.ts";
import { checkMessageJson } from "./json-values.ts";
import { toViolationError } from "./json-violations.ts";
import { withoutOneofNulls } from "./oneof-nulls.ts";

export type JsonReaderOptions = Partial<JsonReadOptions> & { recursionLimit: number };

/**
 * Reads JSON into a message by the JSON mapping of Protocol Buffers. Throws RestError of the given reason, naming
 * the fields whose value does not fit.
 */
export function mergeJson(
  desc: DescMessage,
  message: Message,
  { json, sourceOf, mayHoldNull }: ParsedJson,
  reason: RestErrorReason,
  options: JsonReaderOptions,
): void {
  let isRefused = false;
  const report = () => {
    isRefused = true;
  };
  const { registry, recursionLimit } = options;
  checkMessageJson(desc, json, { registry, depthLeft: recursionLimit, sourceOf, report });
  try {
    if (isRefused) throw new Error("a value does not fit its field");
    const present = mayHoldNull ? withoutOneofNulls(desc, json, recursionLimit) : json;
    mergeFromJson(desc, message, present, options);
  } catch (error) {
    throw toViolationError(error, desc, json, { ...options, reason });
  }
}
