import { useHydrated } from "../../ui/use-hydrated.ts";
import { formatMoney, formatServerMoney } from "../money.ts";

/** An amount on a page that the server renders too, for a reader whose region it does not know. */
export function Money({ minor, currency }: { minor: bigint; currency: string }) {
  const write = useHydrated() ? formatMoney : formatServerMoney;
  return write(minor, currency);
}
