import { formatLocale } from "./format-locale.ts";
import { t } from "./messages.ts";

const dayMs = 86_400_000;

const relativeUnits: [Intl.RelativeTimeFormatUnit, number][] = [
  ["minute", 60],
  ["hour", 3_600],
  ["day", 86_400],
];

/** Writes dates, times and numbers for a reader; `languages` is navigator.languages. */
export function createFormat(languages: readonly string[]) {
  const locale = formatLocale(languages);
  const dateFormat = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, options);
  const clock = dateFormat({ timeStyle: "short" });
  const weekday = dateFormat({ weekday: "short" });
  const weekdayDate = dateFormat({ weekday: "long", day: "numeric", month: "long" });
  const longDate = dateFormat({ dateStyle: "long" });
  const monthDay = dateFormat({ day: "numeric", month: "short" });
  const mediumDate = dateFormat({ dateStyle: "medium" });
  const month = dateFormat({ month: "long", year: "numeric" });
  const dateTime = dateFormat({ dateStyle: "medium", timeStyle: "short" });
  const fullDateTime = dateFormat({ dateStyle: "full", timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const number = new Intl.NumberFormat(locale);
  const list = new Intl.ListFormat(locale);
  const currencies = new Map<string, Intl.NumberFormat>();

  /** "2 Mar"; "2 Mar 2024" when it is of another year than `now`. */
  const shortDate = (date: Date, now: Date): string =>
    (date.getFullYear() === now.getFullYear() ? monthDay : mediumDate).format(date);

  return {
    locale,
    /** "14:05", or "2:05 pm" */
    clockTime: (date: Date): string => clock.format(date),
    /** "2 Mar 2024, 14:05" */
    dateTime: (date: Date): string => dateTime.format(date),
    /** "Saturday, 2 March 2024 at 14:05" */
    fullDateTime: (date: Date): string => fullDateTime.format(date),
    /** "March 2024" */
    month: (date: Date): string => month.format(date),
    /** "1,234" */
    number: (value: number): string => number.format(value),

    /** The items, texts or elements, with what stands between them: "Ada", ", ", "Bruno", " and ", "Clara". */
    list<T>(items: readonly T[]): (T | string)[] {
      const parts = list.formatToParts(items.map((_, index) => String(index)));
      return parts.map(({ type, value }) =>
        type === "element" ? (items[Number(value)] as T) : value,
      );
    },

    /** A day, as a heading: "Today", "Yesterday", "Monday, 2 March", "2 March 2024". */
    day(date: Date, now: Date): string {
      const days = daysBetween(date, now);
      if (days === 0) return t("lib.time.today");
      if (days === 1) return t("lib.time.yesterday");
      return (date.getFullYear() === now.getFullYear() ? weekdayDate : longDate).format(date);
    },

    /** A short time for lists: "14:05" today, "Mon" within a week, "2 Mar", "2 Mar 2024". */
    compactTime(date: Date, now: Date): string {
      const days = daysBetween(date, now);
      if (days === 0) return clock.format(date);
      return days < 7 ? weekday.format(date) : shortDate(date, now);
    },

    /** "just now", "3 hours ago"; after seven days the date. */
    relativeTime(date: Date, now: Date): string {
      const seconds = (now.getTime() - date.getTime()) / 1_000;
      if (seconds < 45) return t("lib.time.now");
      if (seconds > 7 * 86_400) return shortDate(date, now);
      const [unit, unitSeconds] = relativeUnits.findLast(([, size]) => seconds >= size * 0.75) ?? [
        "minute",
        60,
      ];
      return relative.format(-Math.round(seconds / unitSeconds), unit);
    },

    /** The format of amounts in a currency (ISO 4217). */
    currency(code: string): Intl.NumberFormat {
      const cached = currencies.get(code);
      if (cached) return cached;
      const format = new Intl.NumberFormat(locale, { style: "currency", currency: code });
      currencies.set(code, format);
      return format;
    },
  };
}

/** By the conventions of the reader; on a server, which knows no reader, of the language of the site. */
export const format = createFormat(navigator.languages);

/** What the server writes, and the browser until it has taken the page over: both must write the same. */
export const serverFormat = createFormat(["en-US"]);

const utcDate = new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeZone: "UTC" });

/** "Mar 2, 2024", whatever the reader's region, clock and time zone. */
export function formatUtcDate(date: Date): string {
  return utcDate.format(date);
}

/** The number of midnights between. */
function daysBetween(date: Date, now: Date): number {
  return Math.round((startOfDay(now) - startOfDay(date)) / dayMs);
}

/** The midnight before, in milliseconds. */
export function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
