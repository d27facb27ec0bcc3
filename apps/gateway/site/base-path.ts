/**
 * The document of a site that is served below a path: links and scripts that begin at the root of the host get it, and
 * `data-base-path` tells it to the scripts.
 */
export function withBasePath(html: string, basePath: string): string {
  if (basePath === "") return html;
  return html
    .replaceAll(/ (href|src)="\/(?!\/)/g, ` $1="${basePath}/`)
    .replace("<html", `<html data-base-path="${basePath}"`);
}
