const currencyFormats = new Map<string, Intl.NumberFormat>();

/** An amount in minor units as people read it: 1250 and EUR are "€12.50", 1250 and JPY "¥1,250". */
export function formatMoney(minor: bigint, currency: string): string {
  return currencyFormat(currency).format(Number(minor) / 10 ** currencyDecimals(currency));
}

/** Whether the text can name a currency (ISO 4217). */
export function isCurrency(text: string): boolean {
  return /^[A-Z]{3}$/.test(text);
}

/** How many decimals the currency has: 2 for EUR, none for JPY. */
export function currencyDecimals(currency: string): number {
  return currencyFormat(currency).resolvedOptions().maximumFractionDigits ?? 2;
}

/** An amount in minor units as one types it: "12.50". */
export function toDecimal(minor: bigint, currency: string): string {
  const decimals = currencyDecimals(currency);
  const digits = String(minor).padStart(decimals + 1, "0");
  if (decimals === 0) return digits;
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** What was typed, in minor units; undefined when it is no amount of this currency. */
export function parseMoney(text: string, currency: string): bigint | undefined {
  const [, whole = "", fraction = ""] = /^(\d+)(?:[.,](\d+))?$/.exec(text.trim()) ?? [];
  const decimals = currencyDecimals(currency);
  if (whole === "" || fraction.length > decimals) return undefined;
  return BigInt(whole + fraction.padEnd(decimals, "0"));
}

function currencyFormat(currency: string): Intl.NumberFormat {
  const known = currencyFormats.get(currency);
  if (known) return known;
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  currencyFormats.set(currency, format);
  return format;
}
