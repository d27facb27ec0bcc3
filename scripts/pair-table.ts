import { pairTransitions } from "../services/friends/pair-state-machine.ts";

/** The state machine of two people as a table of Markdown. Printed when this file is run. */
export function pairTable(): string {
  const rows = pairTransitions.map(({ from, action, to, events, otherEvents = [] }) => [
    from,
    action,
    to,
    [...events, ...otherEvents.map((event) => `${event} by the other`)].join(", "),
  ]);
  const lines = [["from", "by way of", "to", "announced"], Array(4).fill("---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

if (import.meta.main) process.stdout.write(pairTable());
