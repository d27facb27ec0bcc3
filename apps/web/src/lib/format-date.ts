const dateFormat = new Intl.DateTimeFormat("en", { day: "numeric", month: "short" });
const dateYearFormat = new Intl.DateTimeFormat("en", { dateStyle: "medium" });

/** "Mar 2"; "Mar 2, 2024" when it is of another year than `now`. */
export function formatShortDate(date: Date, now: Date): string {
  return (date.getFullYear() === now.getFullYear() ? dateFormat : dateYearFormat).format(date);
}
