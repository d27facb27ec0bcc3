import { canonicalText, type Segment, type Template } from "../binding/path-template.ts";

/** What a path leads to: the route, and the segments of the path that its template's variables cover. */
export type Found<Route> = { route: Route; segments: string[] };

/** The outcome of a look-up: a route, or the methods that the path does have, or nothing. */
export type Lookup<Route> = Found<Route> | { allow: string[] } | undefined;

export type Router<Route> = {
  /** Adds a route. Throws when one with the same method and an equivalent template is there. */
  add: (httpMethod: string, template: Template, route: Route) => void;
  /** Finds the route of a path that starts with a slash and has no query. Never throws. */
  find: (httpMethod: string, path: string) => Lookup<Route>;
};

type Routes<Route> = Map<string, Route>;
type Tail<Route> = { suffix: string[]; routes: Routes<Route> };
type Node<Route> = {
  literals: Map<string, Node<Route>>;
  one: Node<Route> | undefined;
  /** What follows a `**` at this node, longest first. */
  tails: Tail<Route>[];
  routes: Routes<Route>;
};

/**
 * A trie over path segments, one for each custom verb. Literals win over `*`, and `*` over `**`; a
 * verb that some template names wins over a segment that merely contains a colon. Look-up costs no
 * more than the templates are long, however long the path is.
 */
export function createRouter<Route>(): Router<Route> {
  const tries = new Map<string, Node<Route>>();

  function add(httpMethod: string, template: Template, route: Route): void {
    const trie = tries.get(template.verb) ?? emptyNode<Route>();
    tries.set(template.verb, trie);
    const routes = routesOf(trie, template.segments);
    if (routes.has(httpMethod)) throw new Error(`${httpMethod} ${template.source} is bound twice`);
    routes.set(httpMethod, route);
  }

  function find(httpMethod: string, path: string): Lookup<Route> {
    const segments = path === "/" ? [] : path.slice(1).split("/");
    if (path[0] !== "/" || segments.includes("")) return undefined;
    const allow = new Set<string>();
    let found = findWithVerb(segments, httpMethod, allow);
    if (!found && allow.size === 0) found = findIn(tries.get(""), segments, httpMethod, allow);
    return found ?? (allow.size > 0 ? { allow: [...allow].sort() } : undefined);
  }

  function findWithVerb(segments: string[], httpMethod: string, allow: Set<string>) {
    const last = segments.at(-1) ?? "";
    for (let colon = last.indexOf(":"); colon > 0; colon = last.indexOf(":", colon + 1)) {
      const trie = tries.get(canonicalText(last.slice(colon + 1)));
      if (!trie) continue;
      const bare = segments.with(-1, last.slice(0, colon));
      const found = findIn(trie, bare, httpMethod, allow);
      if (found) return found;
    }
    return undefined;
  }

  return { add, find };
}

function findIn<Route>(
  trie: Node<Route> | undefined,
  segments: string[],
  httpMethod: string,
  allow: Set<string>,
): Found<Route> | undefined {
  const route = trie && walk(trie, segments, 0, httpMethod, allow);
  return route === undefined ? undefined : { route, segments };
}

function walk<Route>(
  node: Node<Route>,
  segments: string[],
  at: number,
  httpMethod: string,
  allow: Set<string>,
): Route | undefined {
  const segment = segments[at];
  if (segment === undefined) {
    const route = pick(node.routes, httpMethod, allow);
    if (route !== undefined) return route;
  } else {
    const next = node.literals.get(canonicalText(segment));
    const route =
      (next && walk(next, segments, at + 1, httpMethod, allow)) ??
      (node.one && walk(node.one, segments, at + 1, httpMethod, allow));
    if (route !== undefined) return route;
  }
  for (const { suffix, routes } of node.tails) {
    const route = endsWith(segments, at, suffix) ? pick(routes, httpMethod, allow) : undefined;
    if (route !== undefined) return route;
  }
  return undefined;
}

/** HEAD is answered by GET's route, and a route of kind "*" answers whatever no other one does. */
function pick<Route>(routes: Routes<Route>, httpMethod: string, allow: Set<string>) {
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
    offset >= from && suffix.every((text, i) => canonicalText(segments[offset + i] ?? "") === text)
  );
}

function routesOf<Route>(trie: Node<Route>, segments: Segment[]): Routes<Route> {
  let node = trie;
  for (const [i, segment] of segments.entries()) {
    if (segment.kind === "many") return tailOf(node, segments.slice(i + 1)).routes;
    node = segment.kind === "one" ? oneOf(node) : literalOf(node, segment.text);
  }
  return node.routes;
}

function oneOf<Route>(node: Node<Route>): Node<Route> {
  node.one ??= emptyNode();
  return node.one;
}

function literalOf<Route>(node: Node<Route>, text: string): Node<Route> {
  const next = node.literals.get(text) ?? emptyNode<Route>();
  node.literals.set(text, next);
  return next;
}

function tailOf<Route>(node: Node<Route>, rest: Segment[]): Tail<Route> {
  const suffix = rest.map((segment) => (segment.kind === "literal" ? segment.text : ""));
  const known = node.tails.find((tail) => tail.suffix.join("/") === suffix.join("/"));
  if (known) return known;
  const tail = { suffix, routes: new Map<string, Route>() };
  node.tails.push(tail);
  node.tails.sort((a, b) => b.suffix.length - a.suffix.length);
  return tail;
}

function emptyNode<Route>(): Node<Route> {
  return { literals: new Map(), one: undefined, tails: [], routes: new Map() };
}
