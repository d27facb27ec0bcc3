import { serviceSettings, settings } from "@plaza/kit/config";

/** `plaza config`: prints the table of settings, which is part of docs/configuration.md. */
export async function run(): Promise<void> {
  process.stdout.write(settingsTable());
}

/** Every setting as a Markdown table. */
export function settingsTable(): string {
  const rows = Object.entries(settings).map(([name, { about, fallback }]) =>
    row(`\`${name}\``, fallback === undefined ? "" : `\`${fallback}\``, about),
  );
  const perService = Object.entries(serviceSettings).map(([suffix, { about }]) =>
    row(`\`PLAZA_<SERVICE>_${suffix}\``, "", about),
  );
  return [row("variable", "default", "meaning"), "|---|---|---|\n", ...rows, ...perService].join(
    "",
  );
}

function row(...cells: string[]): string {
  return `| ${cells.join(" | ")} |\n`;
}
