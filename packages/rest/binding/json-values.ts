import { type DescField, type DescMessage, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import type { NumberSource } from "./json-text.ts";
import { createJsonWalker, type JsonHolder, type JsonVisit, type JsonWalk } from "./json-walk.ts";

/** What a check of JSON needs beside its message. */
export type JsonCheck = Omit<JsonWalk, "trail"> & { sourceOf: NumberSource };

type Visit = JsonVisit<{ sourceOf: NumberSource }>;

/**
 * What protobuf-es takes although the JSON mapping of Protocol Buffers does not say so, and the other way round.
 * It reads numbers in strings as JavaScript does (`""`, `"0x10"`), takes 64-bit integers of JSON for doubles,
 * carries dates that do not exist over into the next month, and skips blanks in base64.
 */
const values = new Map<ScalarType | string, Visit>([
  [ScalarType.INT32, checkNumber],
  [ScalarType.SINT32, checkNumber],
  [ScalarType.SFIXED32, checkNumber],
  [ScalarType.UINT32, checkNumber],
  [ScalarType.FIXED32, checkNumber],
  [ScalarType.INT64, normalizeInt64],
  [ScalarType.SINT64, normalizeInt64],
  [ScalarType.SFIXED64, normalizeInt64],
  [ScalarType.UINT64, normalizeInt64],
  [ScalarType.FIXED64, normalizeInt64],
  [ScalarType.FLOAT, checkFloat],
  [ScalarType.DOUBLE, checkFloat],
  [ScalarType.BYTES, checkText(isBase64, "must be base64")],
  ["google.protobuf.Timestamp", checkText(isTimestamp, "must be an RFC 3339 time that exists")],
  ["google.protobuf.Duration", checkText(isDuration, 'must be a duration such as "1.5s"')],
  ["google.protobuf.FieldMask", checkText(isFieldMask, "must be a list of field paths")],
  ["google.protobuf.Value", checkFreeForm],
  ["google.protobuf.Struct", checkFreeForm],
  ["google.protobuf.ListValue", checkFreeForm],
]);

type KeyCheck = (key: string) => string | undefined;

const checkIntegerKey: KeyCheck = (key) =>
  /^-?\d{1,20}$/.test(key) ? undefined : "has a key that is not an integer";
const checkTextKey: KeyCheck = (key) =>
  key.isWellFormed() ? undefined : "has a key with half of a surrogate pair";

const mapKeys = new Map<ScalarType, KeyCheck>([
  [ScalarType.STRING, checkTextKey],
  [ScalarType.INT32, checkIntegerKey],
  [ScalarType.SINT32, checkIntegerKey],
  [ScalarType.SFIXED32, checkIntegerKey],
  [ScalarType.UINT32, checkIntegerKey],
  [ScalarType.FIXED32, checkIntegerKey],
  [ScalarType.INT64, checkIntegerKey],
  [ScalarType.SINT64, checkIntegerKey],
  [ScalarType.SFIXED64, checkIntegerKey],
  [ScalarType.UINT64, checkIntegerKey],
  [ScalarType.FIXED64, checkIntegerKey],
]);

const walker = createJsonWalker({ values, mapKeys });

/**
 * Reports the values of a message's JSON that its fields do not take, beside those that protobuf-es refuses, and
 * writes 64-bit integers as strings of digits.
 */
export function checkMessageJson(message: DescMessage, json: JsonValue, check: JsonCheck): void {
  walker.walkMessage(message, { json }, "json", { ...check, trail: [] });
}

/** The same for the value of one field, which errors call by its path. */
export function checkFieldJson(
  field: DescField,
  value: JsonValue,
  path: string,
  check: JsonCheck,
): void {
  // The walk appends the name of the field itself.
  const trail = path.slice(0, -field.name.length).replace(/\.$/, "");
  walker.walkField(field, { [field.jsonName]: value }, field.jsonName, {
    ...check,
    trail: trail === "" ? [] : [trail],
  });
}

const jsonNumberPattern = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

function checkNumber(holder: JsonHolder, key: string | number): string | undefined {
  const value = holder[key];
  return typeof value === "string" && !jsonNumberPattern.test(value)
    ? "must be an integer"
    : undefined;
}

function checkFloat(holder: JsonHolder, key: string | number): string | undefined {
  const value = holder[key];
  if (typeof value !== "string" || /^(NaN|-?Infinity)$/.test(value)) return undefined;
  return jsonNumberPattern.test(value) ? undefined : "must be a number";
}

function normalizeInt64(
  holder: JsonHolder,
  key: string | number,
  { sourceOf }: { sourceOf: NumberSource },
): string | undefined {
  const value = holder[key];
  const isInexact = typeof value === "number" && !Number.isSafeInteger(value);
  const text = isInexact ? (sourceOf(holder, String(key)) ?? String(value)) : value;
  if (typeof text !== "string") return undefined;
  const digits = integerDigits(text);
  if (digits === undefined) return "must be an integer";
  holder[key] = digits;
  return undefined;
}

/** The most digits of a 64-bit integer. */
const maxInt64Digits = 20;

/** The digits of a JSON number that is an integer, also as `1.0` or `1e2`; undefined for any other text. */
function integerDigits(text: string): string | undefined {
  const match = jsonNumberPattern.exec(text);
  if (!match) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const significant = (whole + fraction).replace(/^0+/, "");
  if (significant === "") return "0";
  const zeros = Number(exponent) - fraction.length;
  const kept = zeros < 0 ? significant.slice(0, zeros) : significant;
  if (zeros < 0 && !/^0+$/.test(significant.slice(zeros))) return undefined;
  // Digits beyond the range need not be right, only too many: the range is checked where the type is known.
  if (kept.length + Math.max(zeros, 0) > maxInt64Digits)
    return `${sign}${"9".repeat(maxInt64Digits + 1)}`;
  return sign + kept + "0".repeat(Math.max(zeros, 0));
}

function checkText(fits: (text: string) => boolean, problem: string): Visit {
  return (holder, key) => {
    const value = holder[key];
    return typeof value === "string" && !fits(value) ? problem : undefined;
  };
}

/** RFC 4648, section 3.3: characters outside of the alphabet are refused; so are both alphabets in one text. */
function isBase64(text: string): boolean {
  const match = /^([A-Za-z0-9+/]*|[A-Za-z0-9_-]*)(={0,2})$/.exec(text);
  if (!match) return false;
  const [, digits = "", padding] = match;
  return digits.length % 4 !== 1 && (padding === "" || text.length % 4 === 0);
}

const timestampPattern =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|[+-](\d\d):(\d\d))$/;

/** RFC 3339, section 5.7, without leap seconds, which a Timestamp does not have. */
function isTimestamp(text: string): boolean {
  const match = timestampPattern.exec(text);
  if (!match) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, hours = 0, minutes = 0] =
    match.slice(1).map((part) => Number(part ?? 0));
  return (
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysOf(year, month) &&
    Math.max(hour, hours) < 24 &&
    Math.max(minute, second, minutes) < 60
  );
}

function daysOf(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

function isDuration(text: string): boolean {
  return /^-?\d{1,12}(\.\d{1,9})?s$/.test(text);
}

function isFieldMask(text: string): boolean {
  return text === "" || /^[A-Za-z]\w*(\.[A-Za-z]\w*)*(,[A-Za-z]\w*(\.[A-Za-z]\w*)*)*$/.test(text);
}

function checkFreeForm(
  holder: JsonHolder,
  key: string | number,
  { depthLeft }: JsonWalk,
): string | undefined {
  return freeFormProblem(holder[key] ?? null, depthLeft);
}

/** What a google.protobuf.Value cannot hold, since it could not be written as JSON or Protocol Buffers again. */
function freeFormProblem(value: JsonValue, depthLeft: number): string | undefined {
  if (typeof value === "number")
    return Number.isFinite(value) ? undefined : "has a number too large";
  if (typeof value === "string")
    return value.isWellFormed() ? undefined : "has half of a surrogate pair";
  if (typeof value !== "object" || value === null || depthLeft < 0) return undefined;
  for (const [name, one] of Object.entries(value)) {
    const problem = freeFormProblem(name, 0) ?? freeFormProblem(one, depthLeft - 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
