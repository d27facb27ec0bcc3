import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";

const dayMs = 86_400_000;

const hourAndMinute = new Intl.DateTimeFormat("en", {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const weekday = new Intl.DateTimeFormat("en", { weekday: "short" });
const weekdayAndDay = new Intl.DateTimeFormat("en", {
  weekday: "long",
  day: "numeric",
  month: "long",
});
const shortDay = new Intl.DateTimeFormat("en", { day: "numeric", month: "short" });
const shortDayAndYear = new Intl.DateTimeFormat("en", { dateStyle: "medium" });
const dayAndYear = new Intl.DateTimeFormat("en", { dateStyle: "long" });

/** "14:05" */
export function clock(at: Timestamp): string {
  return hourAndMinute.format(timestampDate(at));
}

/** A day, as the heading of what was said then: "Today", "Monday, March 2", "March 2, 2024". */
export function dayName(at: Timestamp, now = new Date()): string {
  const date = timestampDate(at);
  const days = daysBetween(date, now);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return (date.getFullYear() === now.getFullYear() ? weekdayAndDay : dayAndYear).format(date);
}

/** A time in the room of a few letters: "14:05", "Mon", "Mar 2", "Mar 2, 2024". */
export function shortly(at: Timestamp, now = new Date()): string {
  const date = timestampDate(at);
  const days = daysBetween(date, now);
  if (days === 0) return hourAndMinute.format(date);
  if (days < 7) return weekday.format(date);
  return (date.getFullYear() === now.getFullYear() ? shortDay : shortDayAndYear).format(date);
}

/** How many midnights lie between. */
function daysBetween(date: Date, now: Date): number {
  return Math.round((midnight(now) - midnight(date)) / dayMs);
}

function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
