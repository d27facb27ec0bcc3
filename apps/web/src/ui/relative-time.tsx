import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["minute", 60],
  ["hour", 3_600],
  ["day", 86_400],
];

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const day = new Intl.DateTimeFormat("en", { day: "numeric", month: "short" });
const dayAndYear = new Intl.DateTimeFormat("en", { dateStyle: "medium" });
const exact = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
const full = new Intl.DateTimeFormat("en", { dateStyle: "full", timeStyle: "short" });

/** A time as people say it ("3 hours ago", then a date), with the whole of it on hover. */
export function Moment({ at }: { at: Timestamp | undefined }) {
  if (!at) return null;
  const date = timestampDate(at);
  return (
    <time dateTime={date.toISOString()} title={full.format(date)}>
      {inWords(date, new Date())}
    </time>
  );
}

/** A time that is worth saying exactly, past or to come. */
export function FullMoment({ at }: { at: Timestamp | undefined }) {
  if (!at) return null;
  const date = timestampDate(at);
  return <time dateTime={date.toISOString()}>{exact.format(date)}</time>;
}

function inWords(date: Date, now: Date): string {
  const seconds = (now.getTime() - date.getTime()) / 1000;
  if (seconds < 45) return "just now";
  if (seconds > 7 * 86_400) {
    return (date.getFullYear() === now.getFullYear() ? day : dayAndYear).format(date);
  }
  const [unit, size] = units.findLast(([, least]) => seconds >= least * 0.75) ?? ["minute", 60];
  return relative.format(-Math.round(seconds / size), unit);
}
