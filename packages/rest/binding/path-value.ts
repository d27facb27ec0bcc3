import { violationError } from "../http/rest-error.ts";
import type { PathTemplate, PathVariable } from "./path-template.ts";

/**
 * The value of a template's variable in the segments of a path. A variable of one segment is decoded
 * whole; in one of several, %2F stays as it is, because a slash there separates (HttpRule, "Path
 * template syntax"). Throws RestError for an escape that is none.
 */
export function pathVariableValue(
  template: PathTemplate,
  variable: PathVariable,
  segments: string[],
): string {
  const { start, end } = segmentRange(template, variable, segments.length);
  if (!variable.multiple)
    return decodeVariable(variable, segments[start] ?? "", decodeURIComponent);
  return decodeVariable(variable, segments.slice(start, end).join("/"), decodeExceptSlash);
}

/** A `**` takes as many segments as the path has more than the template; what follows it shifts. */
function segmentRange({ segments }: PathTemplate, { start, end }: PathVariable, length: number) {
  const many = segments.findIndex(({ kind }) => kind === "many");
  const more = length - segments.length;
  if (many < 0) return { start, end };
  return { start: start > many ? start + more : start, end: end > many ? end + more : end };
}

function decodeVariable(
  { path }: PathVariable,
  text: string,
  decoder: (text: string) => string,
): string {
  try {
    return text.includes("%") ? decoder(text) : text;
  } catch {
    const description = `"${text}" is not valid percent-encoded UTF-8`;
    throw violationError([{ field: path, description, reason: "INVALID_PATH_PARAMETER" }]);
  }
}

function decodeExceptSlash(text: string): string {
  return decodeURIComponent(text.replace(/%(?=2f)/gi, "%25"));
}
