import {
  type DescField,
  getOption,
  hasOption,
  type JsonObject,
  ScalarType,
} from "@bufbuild/protobuf";
import {
  type FieldRules as ContractRules,
  field as fieldOption,
  Ignore,
  type RepeatedRules,
  type StringRules,
} from "@plaza/contract/buf/validate/validate";
import { output_only, Sensitivity, sensitivity } from "@plaza/contract/kit/v1/options";
import { rulePatterns } from "@plaza/kit/rpc/rule-patterns";
import type { FieldConstraints } from "@plaza/rest/openapi";

/**
 * Converts the options of a field to keywords of JSON Schema: its validation rules, whether only the server
 * sets it, and whether it is a secret. A field is required when its empty value would break a rule.
 */
export function fieldRulesOf(field: DescField): FieldConstraints {
  const rules = hasOption(field, fieldOption) ? getOption(field, fieldOption) : undefined;
  const schema = {
    ...(rules ? ruleKeywords(rules, field) : {}),
    ...(getOption(field, output_only) ? { readOnly: true } : {}),
    ...(getOption(field, sensitivity) === Sensitivity.SECRET ? secretKeywords(field) : {}),
  };
  const mayBeEmpty = !rules || rules.ignore === Ignore.IF_ZERO_VALUE;
  return { required: !mayBeEmpty && rejectsEmpty(rules), schema };
}

function ruleKeywords(rules: ContractRules, field: DescField): JsonObject {
  const { type } = rules;
  switch (type.case) {
    case undefined:
      return patternKeywords(rules);
    case "string":
      return { ...stringKeywords(type.value), ...patternKeywords(rules) };
    case "int32":
    case "uint32":
    case "double":
    case "float":
      return numberKeywords(type.value);
    case "int64":
    case "uint64":
      return int64Keywords(type.value);
    case "repeated":
      return listKeywords(type.value, field);
    default:
      return {};
  }
}

function stringKeywords(rules: StringRules): JsonObject {
  const { minLen, maxLen, in: allowed, wellKnown } = rules;
  return {
    ...(minLen > 0n ? { minLength: Number(minLen) } : {}),
    ...(maxLen > 0n ? { maxLength: Number(maxLen) } : {}),
    ...(allowed.length > 0 ? { enum: [...allowed] } : {}),
    ...(wellKnown.case && wellKnown.value ? formatKeywords[wellKnown.case] : {}),
  };
}

/** A schema has one pattern; of several each needs a schema of its own. */
function patternKeywords(rules: Pick<ContractRules, "type" | "cel">): JsonObject {
  const patterns = rulePatterns(rules);
  const [pattern] = patterns;
  if (pattern === undefined) return {};
  return patterns.length === 1 ? { pattern } : { allOf: patterns.map((one) => ({ pattern: one })) };
}

const formatKeywords: Record<string, JsonObject> = {
  email: { format: "email" },
  hostname: { format: "hostname" },
  ipv4: { format: "ipv4" },
  ipv6: { format: "ipv6" },
  uri: { format: "uri" },
  uriRef: { format: "uri-reference" },
  uuid: { format: "uuid" },
};

type Bounds = {
  readonly greaterThan: { case?: "gt" | "gte" | undefined; value?: number | undefined };
  readonly lessThan: { case?: "lt" | "lte" | undefined; value?: number | undefined };
};

const boundKeywords = {
  gt: "exclusiveMinimum",
  gte: "minimum",
  lt: "exclusiveMaximum",
  lte: "maximum",
} as const;

function numberKeywords({ greaterThan, lessThan }: Bounds): JsonObject {
  const schema: JsonObject = {};
  for (const { case: kind, value } of [greaterThan, lessThan]) {
    if (kind && value !== undefined) schema[boundKeywords[kind]] = value;
  }
  return schema;
}

type Int64Bounds = {
  readonly greaterThan: { case?: "gt" | "gte" | undefined; value?: bigint | undefined };
  readonly lessThan: { case?: "lt" | "lte" | undefined; value?: bigint | undefined };
};

/**
 * 64-bit integers are strings in JSON, whose bounds only a pattern can express: numbers from 0, or 1, up to a
 * bound of nines. Other bounds are in the field's comment alone.
 */
function int64Keywords({ greaterThan, lessThan }: Int64Bounds): JsonObject {
  const { case: kind, value: least } = greaterThan;
  const most = lessThan.case === "lte" ? String(lessThan.value) : "";
  if (!/^9+$/.test(most) || least === undefined || !/^(gte0|gte1|gt0)$/.test(`${kind}${least}`)) {
    return {};
  }
  const positive = `[1-9][0-9]{0,${most.length - 1}}`;
  return { pattern: kind === "gte" && least === 0n ? `^(0|${positive})$` : `^${positive}$` };
}

function listKeywords({ minItems, maxItems, unique, items }: RepeatedRules, field: DescField) {
  const isText = field.fieldKind === "list" && field.scalar === ScalarType.STRING;
  const ofItems =
    isText && items
      ? {
          ...(items.type.case === "string" ? stringKeywords(items.type.value) : {}),
          ...patternKeywords(items),
        }
      : undefined;
  return {
    ...(minItems > 0n ? { minItems: Number(minItems) } : {}),
    ...(maxItems > 0n ? { maxItems: Number(maxItems) } : {}),
    ...(unique ? { uniqueItems: true } : {}),
    ...(ofItems ? { items: { type: "string", ...ofItems } } : {}),
  };
}

function rejectsEmpty(rules: ContractRules): boolean {
  const { required, type } = rules;
  if (required) return true;
  if (rulePatterns(rules).some((pattern) => !new RegExp(pattern, "u").test(""))) return true;
  if (type.case === "repeated") return type.value.minItems > 0n;
  if (type.case === "int32" || type.case === "int64") return rejectsZero(type.value);
  if (type.case !== "string") return false;
  const { minLen, in: allowed, wellKnown } = type.value;
  return (
    minLen > 0n ||
    (allowed.length > 0 && !allowed.includes("")) ||
    (wellKnown.case !== undefined && wellKnown.value === true)
  );
}

function rejectsZero({ greaterThan, lessThan }: Bounds | Int64Bounds): boolean {
  const { case: above, value: least = 0 } = greaterThan;
  const { case: below, value: most = 0 } = lessThan;
  return least > 0 || most < 0 || (above === "gt" && least >= 0) || (below === "lt" && most <= 0);
}

/** Only fields of requests are write-only: responses carry secrets such as tokens too. */
function secretKeywords({ parent }: DescField): JsonObject {
  return { format: "password", ...(parent.name.endsWith("Request") ? { writeOnly: true } : {}) };
}
