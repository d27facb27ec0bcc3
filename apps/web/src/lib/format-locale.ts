/**
 * The locale in which dates, times and numbers are written: English, as the rest of the site, by the conventions of
 * the reader's region. `languages` is navigator.languages.
 */
export function formatLocale(languages: readonly string[]): string {
  const english = languages.find((one) => /^en-/i.test(one));
  if (english) return english;
  const [first = "en-US"] = languages;
  const { region = "US" } = new Intl.Locale(first).maximize();
  const regional = `en-${region}`;
  if (resolvedLocale(regional) === regional) return regional;
  // No English is known there: the international one, with that region's clock.
  const hourCycle = new Intl.DateTimeFormat(first, { hour: "numeric" }).resolvedOptions().hourCycle;
  return `en-001-u-hc-${hourCycle ?? "h23"}`;
}

/** That of the reader; on a server, which knows no reader, of the language of the site. */
export const readerLocale = formatLocale(navigator.languages);

function resolvedLocale(locale: string): string {
  return new Intl.DateTimeFormat(locale).resolvedOptions().locale;
}
