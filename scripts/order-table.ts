import { type OrderState, orderTransitions } from "../services/shop/domain/order-state-machine.ts";

const stockWords = { takes: "taken", keeps: "", frees: "freed" } as const;

/** The state machine of orders as a table of Markdown. Printed when this file is run. */
export function orderTable(): string {
  const rows = orderTransitions.map(({ from, action, by, to, stockEffect }) => [
    nameOf(from),
    action,
    by.join(", "),
    nameOf(to),
    stockWords[stockEffect],
  ]);
  const lines = [["from", "by way of", "taken by", "to", "goods"], Array(5).fill("---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

function nameOf(state: OrderState | undefined): string {
  return state ? `\`${state.toUpperCase()}\`` : "";
}

if (import.meta.main) process.stdout.write(orderTable());
