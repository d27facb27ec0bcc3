import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { useNow, useToday } from "../lib/clock.ts";
import { format, formatUtcDate } from "../lib/format.ts";
import { timestampDate } from "../lib/timestamps.ts";
import { useHydrated } from "./use-hydrated.ts";

type TimeProps = { at: Timestamp | undefined };

/** A time relative to now ("3 hours ago"), after seven days a date; date and time in full on hover. */
export function RelativeTime({ at }: TimeProps) {
  const now = useNow();
  return at && <Time date={timestampDate(at)} text={(date) => format.relativeTime(date, now)} />;
}

/** A short time for lists, which gets coarser with age; date and time in full on hover. */
export function CompactTime({ at }: TimeProps) {
  const now = useToday();
  return at && <Time date={timestampDate(at)} text={(date) => format.compactTime(date, now)} />;
}

/** The time of day; date and time in full on hover. */
export function ClockTime({ at }: TimeProps) {
  return at && <Time date={timestampDate(at)} text={format.clockTime} />;
}

/** A date and time. */
export function ExactTime({ at }: TimeProps) {
  return at && <Time date={timestampDate(at)} text={format.dateTime} />;
}

/** A month and its year; date and time in full on hover. */
export function Month({ at }: TimeProps) {
  return at && <Time date={timestampDate(at)} text={format.month} />;
}

/** A day, in words when it is today or yesterday. */
export function Day({ at }: TimeProps) {
  const now = useToday();
  return at && format.day(timestampDate(at), now);
}

/** The server writes the date in UTC: it knows neither the reader's clock nor their time zone. */
function Time({ date, text }: { date: Date; text: (date: Date) => string }) {
  const isHydrated = useHydrated();
  return (
    <time dateTime={date.toISOString()} title={isHydrated ? format.fullDateTime(date) : undefined}>
      {isHydrated ? text(date) : formatUtcDate(date)}
    </time>
  );
}
