import { parseArgs } from "node:util";
import { exitWithMessage } from "./required-programs.ts";

type OptionValue = string | number;
type OptionDefaults = Readonly<Record<string, OptionValue>>;
type Widened<T> = { readonly [K in keyof T]: T[K] extends number ? number : string };

/**
 * Reads the command line of a benchmark: an option for each default, of its type, and `--smoke`, which
 * replaces defaults by those of a run that takes seconds and measures nothing.
 */
export function parseBenchOptions<T extends OptionDefaults>(
  defaults: T,
  smokeDefaults: Partial<Widened<T>>,
): Widened<T> & { readonly smoke: boolean } {
  const { smoke, ...given } = parseCommandLine(defaults);
  const values: Record<string, OptionValue> = { ...defaults, ...(smoke ? smokeDefaults : {}) };
  for (const [name, text] of Object.entries(given)) {
    values[name] = typeof defaults[name] === "number" ? parseNumber(name, String(text)) : `${text}`;
  }
  return { ...(values as Widened<T>), smoke: smoke === true };
}

function parseCommandLine(defaults: OptionDefaults) {
  const texts = Object.keys(defaults).map((name) => [name, { type: "string" }] as const);
  try {
    return parseArgs({ options: { ...Object.fromEntries(texts), smoke: { type: "boolean" } } })
      .values as Record<string, string | boolean | undefined>;
  } catch (error) {
    const usage = Object.entries(defaults).map(([name, value]) => `--${name} ${value}`);
    return exitWithMessage(
      `${(error as Error).message}\noptions: --smoke ${usage.join(" ").trim()}`,
    );
  }
}

function parseNumber(name: string, text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!(value > 0)) exitWithMessage(`--${name} is a number above 0, not "${text}"`);
  return value;
}
