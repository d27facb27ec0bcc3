import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import { formatShortDate } from "./format-date.ts";

const dayMs = 86_400_000;

const clockFormat = new Intl.DateTimeFormat("en", {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const weekdayFormat = new Intl.DateTimeFormat("en", { weekday: "short" });
const weekdayDateFormat = new Intl.DateTimeFormat("en", {
  weekday: "long",
  day: "numeric",
  month: "long",
});
const longDateFormat = new Intl.DateTimeFormat("en", { dateStyle: "long" });

/** "14:05" */
export function formatClockTime(at: Timestamp): string {
  return clockFormat.format(timestampDate(at));
}

/** A day, as a heading: "Today", "Yesterday", "Monday, March 2", "March 2, 2024". */
export function formatDay(at: Timestamp, now = new Date()): string {
  const date = timestampDate(at);
  const days = daysBetween(date, now);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return (date.getFullYear() === now.getFullYear() ? weekdayDateFormat : longDateFormat).format(
    date,
  );
}

/** A short time for lists: "14:05" today, "Mon" within a week, "Mar 2", "Mar 2, 2024". */
export function formatCompactTime(at: Timestamp, now = new Date()): string {
  const date = timestampDate(at);
  const days = daysBetween(date, now);
  if (days === 0) return clockFormat.format(date);
  if (days < 7) return weekdayFormat.format(date);
  return formatShortDate(date, now);
}

/** The number of midnights between. */
function daysBetween(date: Date, now: Date): number {
  return Math.round((startOfDay(now) - startOfDay(date)) / dayMs);
}

function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
