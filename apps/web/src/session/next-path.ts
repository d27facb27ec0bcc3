/**
 * The path to go to after signing in, from the `next` parameter of `search`. It stays on `origin`: a link to the
 * sign-in page must not lead members to another site.
 */
export function nextPath(search: string, origin = window.location.origin): string {
  const next = new URLSearchParams(search).get("next") ?? "/";
  const target = new URL(next, origin);
  if (target.origin !== origin) return "/";
  return target.pathname + target.search;
}
