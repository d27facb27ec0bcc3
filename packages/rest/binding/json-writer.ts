import {
  type DescMessage,
  type JsonValue,
  type JsonWriteOptions,
  type Message,
  ScalarType,
  toJson,
} from "@bufbuild/protobuf";
import { createJsonWalker, type JsonHolder, type JsonVisit } from "./json-walk.ts";

declare global {
  interface JSON {
    /** Makes JSON.stringify write the text as it is (ECMAScript, JSON.parse source text access). */
    rawJSON(text: string): object;
  }
}

const negativeZero = JSON.rawJSON("-0") as unknown as JsonValue;

const walker = createJsonWalker<unknown>({
  values: new Map<ScalarType | string, JsonVisit<unknown>>([
    [ScalarType.FLOAT, writeFloat],
    [ScalarType.DOUBLE, writeDouble],
    ["google.protobuf.Value", writeFreeForm],
    ["google.protobuf.Struct", writeFreeForm],
    ["google.protobuf.ListValue", writeFreeForm],
  ]),
});

/**
 * The JSON of a message, for JSON.stringify. Unlike protobuf-es it writes the shortest text that is read as the same
 * float (1.1, not 1.100000023841858), and -0 as such. Throws as `toJson` does.
 */
export function writeJson(
  desc: DescMessage,
  message: Message,
  options: Partial<JsonWriteOptions>,
): JsonValue {
  const json = toJson(desc, message, options);
  const { registry } = options;
  const holder: JsonHolder = { json };
  const walk = { registry, depthLeft: Number.POSITIVE_INFINITY, trail: [], report: () => {} };
  walker.walkMessage(desc, holder, "json", walk);
  return holder["json"] as JsonValue;
}

function writeFloat(holder: JsonHolder, key: string | number): undefined {
  const value = holder[key];
  if (typeof value === "number") holder[key] = value === 0 ? zeroOf(value) : shortestFloat(value);
}

function writeDouble(holder: JsonHolder, key: string | number): undefined {
  if (Object.is(holder[key], -0)) holder[key] = negativeZero;
}

function writeFreeForm(holder: JsonHolder, key: string | number): undefined {
  const value = holder[key];
  if (Object.is(value, -0)) holder[key] = negativeZero;
  if (typeof value !== "object" || value === null) return;
  for (const name of Object.keys(value)) writeFreeForm(value as JsonHolder, name);
}

function zeroOf(value: number): JsonValue {
  return Object.is(value, -0) ? negativeZero : 0;
}

/** Nine digits always suffice for a float (IEEE 754-2019, section 5.12.2). */
function shortestFloat(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === Math.fround(value)) return rounded;
  }
  return Number(value.toPrecision(9));
}
