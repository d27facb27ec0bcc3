// `node scripts/state-machine-tables.ts` writes the tables of the state machines into docs/orders.md and
// docs/friendships.md.
import { readFileSync, writeFileSync } from "node:fs";
import { pairTransitions } from "../services/friends/pair-state-machine.ts";
import { type OrderState, orderTransitions } from "../services/shop/domain/order-state-machine.ts";

/** A document and the table of Markdown in it that is generated. */
type GeneratedTable = { readonly file: URL; readonly header: string; readonly rows: string };

export const stateMachineTables: readonly GeneratedTable[] = [
  { file: documentUrl("orders.md"), ...orderTable() },
  { file: documentUrl("friendships.md"), ...pairTable() },
];

/** The text of a document with the table as it is now, instead of the one with the same header. */
export function withTable(text: string, { header, rows }: GeneratedTable): string {
  const start = text.indexOf(`\n${header}`);
  if (start < 0) throw new Error(`No table has the header ${header}`);
  const end = text.indexOf("\n\n", start);
  return `${text.slice(0, start)}\n${header}${rows}${text.slice(end + 1)}`;
}

function orderTable() {
  const stockWords = { reserve: "reserved", none: "", release: "returned" } as const;
  const rows = orderTransitions.map(({ from, action, by, to, stockEffect }) => [
    stateName(from),
    action,
    by.join(", "),
    stateName(to),
    stockWords[stockEffect],
  ]);
  return markdownTable(["from", "action", "by", "to", "stock"], rows);
}

function stateName(state: OrderState | undefined): string {
  return state ? `\`${state.toUpperCase()}\`` : "";
}

function pairTable() {
  const rows = pairTransitions.map(({ from, action, to, events, otherEvents = [] }) => [
    from,
    action,
    to,
    [...events, ...otherEvents.map((event) => `${event} by the other`)].join(", "),
  ]);
  return markdownTable(["from", "action", "to", "published"], rows);
}

function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]) {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return {
    header: line(columns) + line(columns.map(() => "---")),
    rows: rows.map(line).join(""),
  };
}

function documentUrl(name: string): URL {
  return new URL(`../docs/${name}`, import.meta.url);
}

if (import.meta.main) {
  for (const table of stateMachineTables) {
    writeFileSync(table.file, withTable(readFileSync(table.file, "utf8"), table));
  }
}
