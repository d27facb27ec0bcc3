import { MIMEType } from "node:util";

/**
 * The type in a Content-Type header, in lower case and without parameters; "" when the header is missing or malformed,
 * or its charset is not UTF-8.
 */
export function mediaTypeOf(contentType: string | undefined): string {
  if (contentType === undefined) return "";
  try {
    const { essence, params } = new MIMEType(contentType);
    return /^utf-?8$/i.test(params.get("charset") ?? "utf-8") ? essence : "";
  } catch {
    return "";
  }
}
