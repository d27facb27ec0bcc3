/** The URL if it may be linked, or loaded through Plaza when it is a picture's; otherwise undefined. */
export function safeUrl(url: unknown, use: "href" | "src"): string | undefined {
  if (typeof url !== "string") return undefined;
  const pattern = use === "src" ? /^https?:\/\//i : /^(https?:\/\/|mailto:|#user-content-)/i;
  return pattern.test(url) ? url : undefined;
}
