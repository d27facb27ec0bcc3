import { format, serverFormat } from "../lib/format.ts";

/** Formats an amount in minor units: 1250 EUR is "€12.50", 1250 JPY "¥1,250". */
export function formatMoney(minor: bigint, currency: string): string {
  return format.currency(currency).format(toMajor(minor, currency));
}

/** The same as the server writes it. */
export function formatServerMoney(minor: bigint, currency: string): string {
  return serverFormat.currency(currency).format(toMajor(minor, currency));
}

function toMajor(minor: bigint, currency: string): number {
  return Number(minor) / 10 ** currencyDecimals(currency);
}

/** Whether the text has the form of a currency code (ISO 4217). */
export function isCurrency(text: string): boolean {
  return /^[A-Z]{3}$/.test(text);
}

/** The number of decimals of a currency: 2 for EUR, 0 for JPY. */
export function currencyDecimals(currency: string): number {
  return format.currency(currency).resolvedOptions().maximumFractionDigits ?? 2;
}

/** An amount in minor units as a decimal for input fields: "12.50". */
export function toDecimal(minor: bigint, currency: string): string {
  const decimals = currencyDecimals(currency);
  const digits = String(minor).padStart(decimals + 1, "0");
  if (decimals === 0) return digits;
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** Parses a typed decimal, with point or comma, to minor units; undefined when it is no amount of the currency. */
export function parseMoney(text: string, currency: string): bigint | undefined {
  const [, whole = "", fraction = ""] = /^(\d+)(?:[.,](\d+))?$/.exec(text.trim()) ?? [];
  const decimals = currencyDecimals(currency);
  if (whole === "" || fraction.length > decimals) return undefined;
  return BigInt(whole + fraction.padEnd(decimals, "0"));
}
