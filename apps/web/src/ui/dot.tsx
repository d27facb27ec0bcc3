/** Separates two facts on a line; screen readers skip it. */
export function Dot() {
  return <span aria-hidden>·</span>;
}
