import { parseArgs } from "node:util";

type OptionValues = Readonly<Record<string, number | boolean>>;

/** The options, and whether it is the short form of the suite, to see that it works. */
export type SuiteOptions<O> = O & { readonly smoke: boolean };

/**
 * Parses the command line of a suite: `--fault-count 1` for the number `faultCount`, `--split` for the boolean `split`.
 * `--smoke` replaces the defaults. Prints the suite with its options, so that a run can be repeated. Throws on an unknown option.
 */
export function parseSuiteOptions<O extends OptionValues>(
  suite: string,
  defaults: O,
  smokeDefaults: Partial<O>,
): SuiteOptions<O> {
  const { values }: { values: Record<string, unknown> } = parseArgs({
    options: {
      smoke: { type: "boolean", default: false },
      ...Object.fromEntries(
        Object.entries(defaults).map(([name, value]) => [
          toKebabCase(name),
          { type: typeof value === "boolean" ? ("boolean" as const) : ("string" as const) },
        ]),
      ),
    },
  });
  const given = Object.keys(defaults).flatMap((name) => {
    const value = values[toKebabCase(name)];
    return value === undefined ? [] : [[name, parseValue(name, value)]];
  });
  const smoke = values["smoke"] === true;
  const options = { ...defaults, ...(smoke && smokeDefaults), ...Object.fromEntries(given), smoke };
  process.stdout.write(`${suite} ${JSON.stringify(options)}\n`);
  return options as SuiteOptions<O>;
}

/** The seed unless one is given: another one each time. */
export function newSeed(): number {
  return Date.now() % 1_000_000;
}

function parseValue(name: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  const number = Number(value);
  if (value.trim() === "" || Number.isNaN(number))
    throw new Error(`--${toKebabCase(name)} needs a number.`);
  return number;
}

function toKebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
