/** The path below which the site is served, such as `/community`; empty at the root of its host. */
let basePath = globalThis.document?.documentElement.dataset["basePath"] ?? "";

/** The address on its host of a path of the site, for what the router does not know. */
export function sitePath(path: string): string {
  return basePath + path;
}

/** The path of the site at a path on its host. */
export function pathOnSite(path: string): string {
  return path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : path;
}

/** The router's name for the base path. */
export function basename(): string {
  return basePath || "/";
}

/** Sets the base path, for a process that renders pages. */
export function setBasePath(path: string): void {
  basePath = path;
}
