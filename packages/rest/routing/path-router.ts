import { canonicalSegment, type PathSegment, type PathTemplate } from "../binding/path-template.ts";

/** What a path leads to: the route, and the segments of the path that its template's variables cover. */
export type PathMatch<Route> = { route: Route; segments: string[] };

/** The outcome of a look-up: a route, or the methods that the path does have, or nothing. */
export type PathLookup<Route> = PathMatch<Route> | { allow: string[] } | undefined;

export type PathRouter<Route> = {
  /** Adds a route, unless one with the same method and an equivalent template is there, which it returns. */
  add: (httpMethod: string, template: PathTemplate, route: Route) => Route | undefined;
  /** Finds the route of a path that starts with a slash and has no query. Never throws. */
  find: (httpMethod: string, path: string) => PathLookup<Route>;
};

type Routes<Route> = Map<string, Route>;
type DoubleWildcard<Route> = { suffix: string[]; routes: Routes<Route> };
type TrieNode<Route> = {
  literals: Map<string, TrieNode<Route>>;
  wildcard: TrieNode<Route> | undefined;
  /** What follows a `**` at this node, longest first. */
  doubleWildcards: DoubleWildcard<Route>[];
  routes: Routes<Route>;
};

/**
 * A trie over path segments, one for each custom verb. Literals win over `*`, and `*` over `**`; a
 * verb that some template names wins over a segment that merely contains a colon. Look-up costs no
 * more than the templates are long, however long the path is.
 */
export function createPathRouter<Route>(): PathRouter<Route> {
  const tries = new Map<string, TrieNode<Route>>();

  function add(httpMethod: string, template: PathTemplate, route: Route): Route | undefined {
    const trie = tries.get(template.verb) ?? createNode<Route>();
    tries.set(template.verb, trie);
    const routes = routesAt(trie, template.segments);
    const known = routes.get(httpMethod);
    if (known === undefined) routes.set(httpMethod, route);
    return known;
  }

  function find(httpMethod: string, path: string): PathLookup<Route> {
    const segments = path === "/" ? [] : path.slice(1).split("/");
    if (path[0] !== "/" || segments.includes("")) return undefined;
    const allow = new Set<string>();
    let found = findWithVerb(segments, httpMethod, allow);
    if (!found && allow.size === 0) found = findInTrie(tries.get(""), segments, httpMethod, allow);
    return found ?? (allow.size > 0 ? { allow: [...allow].sort() } : undefined);
  }

  function findWithVerb(segments: string[], httpMethod: string, allow: Set<string>) {
    const last = segments.at(-1) ?? "";
    for (let colon = last.indexOf(":"); colon > 0; colon = last.indexOf(":", colon + 1)) {
      const verb = canonicalSegment(last.slice(colon + 1));
      // What has no verb is in the trie of the empty one, to which `a:` would be `a`.
      const trie = verb === "" ? undefined : tries.get(verb);
      if (!trie) continue;
      const bare = segments.with(-1, last.slice(0, colon));
      const found = findInTrie(trie, bare, httpMethod, allow);
      if (found) return found;
    }
    return undefined;
  }

  return { add, find };
}

function findInTrie<Route>(
  trie: TrieNode<Route> | undefined,
  segments: string[],
  httpMethod: string,
  allow: Set<string>,
): PathMatch<Route> | undefined {
  const route = trie && findRoute(trie, segments, 0, httpMethod, allow);
  return route === undefined ? undefined : { route, segments };
}

function findRoute<Route>(
  node: TrieNode<Route>,
  segments: string[],
  at: number,
  httpMethod: string,
  allow: Set<string>,
): Route | undefined {
  const segment = segments[at];
  if (segment === undefined) {
    const route = selectRoute(node.routes, httpMethod, allow);
    if (route !== undefined) return route;
  } else {
    const next = node.literals.get(canonicalSegment(segment));
    const route =
      (next && findRoute(next, segments, at + 1, httpMethod, allow)) ??
      (node.wildcard && findRoute(node.wildcard, segments, at + 1, httpMethod, allow));
    if (route !== undefined) return route;
  }
  for (const { suffix, routes } of node.doubleWildcards) {
    const route = endsWith(segments, at, suffix)
      ? selectRoute(routes, httpMethod, allow)
      : undefined;
    if (route !== undefined) return route;
  }
  return undefined;
}

/** HEAD is answered by GET's route, and a route of kind "*" answers whatever no other one does. */
function selectRoute<Route>(routes: Routes<Route>, httpMethod: string, allow: Set<string>) {
  const route =
    routes.get(httpMethod) ??
    (httpMethod === "HEAD" ? routes.get("GET") : undefined) ??
    routes.get("*");
  if (route === undefined) {
    for (const method of routes.keys()) allow.add(method);
    if (routes.has("GET")) allow.add("HEAD");
  }
  return route;
}

function endsWith(segments: string[], from: number, suffix: string[]): boolean {
  const offset = segments.length - suffix.length;
  return (
    offset >= from &&
    suffix.every((text, i) => canonicalSegment(segments[offset + i] ?? "") === text)
  );
}

function routesAt<Route>(trie: TrieNode<Route>, segments: PathSegment[]): Routes<Route> {
  let node = trie;
  for (const [i, segment] of segments.entries()) {
    if (segment.kind === "many") return doubleWildcardOf(node, segments.slice(i + 1)).routes;
    node = segment.kind === "one" ? wildcardChild(node) : literalChild(node, segment.text);
  }
  return node.routes;
}

function wildcardChild<Route>(node: TrieNode<Route>): TrieNode<Route> {
  node.wildcard ??= createNode();
  return node.wildcard;
}

function literalChild<Route>(node: TrieNode<Route>, text: string): TrieNode<Route> {
  const next = node.literals.get(text) ?? createNode<Route>();
  node.literals.set(text, next);
  return next;
}

function doubleWildcardOf<Route>(
  node: TrieNode<Route>,
  rest: PathSegment[],
): DoubleWildcard<Route> {
  const suffix = rest.map((segment) => (segment.kind === "literal" ? segment.text : ""));
  const known = node.doubleWildcards.find((tail) => tail.suffix.join("/") === suffix.join("/"));
  if (known) return known;
  const tail = { suffix, routes: new Map<string, Route>() };
  node.doubleWildcards.push(tail);
  node.doubleWildcards.sort((a, b) => b.suffix.length - a.suffix.length);
  return tail;
}

function createNode<Route>(): TrieNode<Route> {
  return { literals: new Map(), wildcard: undefined, doubleWildcards: [], routes: new Map() };
}
