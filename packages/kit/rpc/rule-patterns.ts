import { getExtension, getOption, hasExtension } from "@bufbuild/protobuf";
import { type FieldRules, predefined, type Rule } from "@plaza/contract/buf/validate/validate";
import { file_plaza_kit_v1_rules } from "@plaza/contract/kit/v1/rules";

/**
 * The regular expressions (ECMAScript, flag u) that a string must match by the rules of its field: those of
 * plaza/kit/v1/rules.proto and those that the field has of its own.
 */
export function rulePatterns({ type, cel }: Pick<FieldRules, "type" | "cel">): string[] {
  const own = type.case === "string" ? type.value : undefined;
  const fromExtensions = own
    ? file_plaza_kit_v1_rules.extensions
        .filter((rule) => hasExtension(own, rule) && getExtension(own, rule) === true)
        .flatMap((rule) => getOption(rule, predefined).cel)
    : [];
  return [...fromExtensions, ...cel].flatMap(patternOf);
}

/** The regular expression in a rule such as `this.matches('…')`, without the escapes of CEL; else none. */
export function patternOf({ expression }: Pick<Rule, "expression">): string[] {
  const [, literal] = /this\.matches\('(.*)'\)$/s.exec(expression) ?? [];
  if (literal === undefined) return [];
  return [
    literal.replace(
      /\\(?:U([0-9A-F]{8})|u([0-9A-F]{4})|(.))/gs,
      (_, long?: string, short?: string, character = "") =>
        long || short
          ? String.fromCodePoint(Number.parseInt(long ?? short ?? "", 16))
          : String(character),
    ),
  ];
}
