import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import { formatShortDate } from "../lib/format-date.ts";
import { useHydrated } from "./use-hydrated.ts";

const relativeUnits: [Intl.RelativeTimeFormatUnit, number][] = [
  ["minute", 60],
  ["hour", 3_600],
  ["day", 86_400],
];

const relativeFormat = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const dateTimeFormat = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
const fullDateTimeFormat = new Intl.DateTimeFormat("en", { dateStyle: "full", timeStyle: "short" });

/** What every reader gets before the page runs: it depends on neither clock nor time zone. */
const utcDateFormat = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeZone: "UTC" });

/** A time relative to now ("3 hours ago"), after seven days a date; date and time in full on hover. */
export function RelativeTime({ at }: { at: Timestamp | undefined }) {
  const isHydrated = useHydrated();
  if (!at) return null;
  const date = timestampDate(at);
  return (
    <time
      dateTime={date.toISOString()}
      title={isHydrated ? fullDateTimeFormat.format(date) : undefined}
    >
      {isHydrated ? formatRelative(date, new Date()) : utcDateFormat.format(date)}
    </time>
  );
}

/** A date and time. */
export function ExactTime({ at }: { at: Timestamp | undefined }) {
  if (!at) return null;
  const date = timestampDate(at);
  return <time dateTime={date.toISOString()}>{dateTimeFormat.format(date)}</time>;
}

function formatRelative(date: Date, now: Date): string {
  const seconds = (now.getTime() - date.getTime()) / 1000;
  if (seconds < 45) return "just now";
  if (seconds > 7 * 86_400) return formatShortDate(date, now);
  const [unit, unitSeconds] = relativeUnits.findLast(
    ([, unitSeconds]) => seconds >= unitSeconds * 0.75,
  ) ?? ["minute", 60];
  return relativeFormat.format(-Math.round(seconds / unitSeconds), unit);
}
