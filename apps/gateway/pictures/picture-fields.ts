import { type DescField, type DescMethod, getOption } from "@bufbuild/protobuf";
import { pictures } from "@plaza/contract/kit/v1/options";
import { isRead } from "../methods/idempotency-level.ts";

/** The fields of a method's response that hold addresses of pictures, by its contract. */
export function pictureFieldsOf(method: DescMethod): readonly DescField[] {
  if (method.methodKind !== "unary" || !isRead(method)) return [];
  return method.output.fields.filter((field) => getOption(field, pictures));
}

/**
 * Whether a text holds a URL up to its end: `https://a.example/b.png` holds no `https://a.example/b`. Both are
 * decoded first, because renderers of Markdown unescape and percent-encode the addresses in it.
 */
export function holdsUrl(text: string, url: string): boolean {
  const [within, sought] = [decode(text), decode(url)];
  for (let at = within.indexOf(sought); at >= 0; at = within.indexOf(sought, at + 1)) {
    if (/^[\s)>"'\]]?$/.test(within.charAt(at + sought.length))) return true;
  }
  return false;
}

function decode(text: string): string {
  return text
    .replaceAll("&amp;", "&")
    .replace(/\\([!-/:-@[-`{-~])/g, "$1")
    .replace(/(%[0-9a-f]{2})+/gi, (encoded) => {
      try {
        return decodeURIComponent(encoded);
      } catch {
        return encoded;
      }
    });
}
