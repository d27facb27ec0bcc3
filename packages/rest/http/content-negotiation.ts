type MediaRange = { type: string; q: number };

/**
 * Which of the media types on offer an Accept header prefers (RFC 9110, section 12.5.1). The first one
 * where there is no header; undefined where none is acceptable. Of types with the same q-value, one
 * that is named wins over one that a wildcard covers, and then the one that is offered first.
 */
export function preferredMediaType<T extends string>(
  accept: string | null,
  offered: readonly T[],
): T | undefined {
  const ranges = (accept ?? "").split(",").flatMap(parseMediaRange);
  if (ranges.length === 0) return offered[0];
  let best: { type: T; q: number; exactness: number } | undefined;
  for (const type of offered) {
    const fit = closestRange(ranges, type);
    if (!fit || fit.q === 0) continue;
    const isBetter =
      !best || fit.q > best.q || (fit.q === best.q && fit.exactness > best.exactness);
    if (isBetter) best = { type, ...fit };
  }
  return best?.type;
}

/** The closest range says how much a type is liked, whatever wider ones say. */
function closestRange(
  ranges: MediaRange[],
  type: string,
): { q: number; exactness: number } | undefined {
  const steps = ["*/*", type.replace(/\/.*/, "/*"), type];
  for (let exactness = 2; exactness >= 0; exactness--) {
    const range = ranges.find((one) => one.type === steps[exactness]);
    if (range) return { q: range.q, exactness };
  }
  return undefined;
}

function parseMediaRange(text: string): MediaRange[] {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  if (type === "") return [];
  const weight = parameters.find((one) => one.startsWith("q="))?.slice(2) ?? "1";
  return [{ type, q: /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(weight) ? Number(weight) : 0 }];
}
