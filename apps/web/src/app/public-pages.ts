import type { QueryClient } from "@tanstack/react-query";
import { matchPath } from "react-router";
import { userQuery } from "../people/user-queries.ts";
import { postQuery, postsQuery } from "../posts/post-queries.ts";
import { productQuery, productsQuery, toProductOrdering } from "../shop/product-queries.ts";

/** A public page: what it reads before it shows anything, the same for everybody. */
export type PublicPage = {
  readonly path: string;
  /** The module of the page, which is loaded by itself; none of the first page's. */
  readonly module?: string;
  /** The part of a query that changes what the page reads; undefined of a search, which is the reader's own. */
  searchOf(params: URLSearchParams): string | undefined;
  /** Reads it into the client. Throws what the reads throw. */
  load(client: QueryClient, id: string, params: URLSearchParams): Promise<unknown>;
};

const publicPages: readonly PublicPage[] = [
  {
    path: "/",
    searchOf: unlessSearch,
    load: (client, _, params) => client.fetchInfiniteQuery(postsQuery({ search: termsOf(params) })),
  },
  {
    path: "/posts/:id",
    module: "src/posts/pages/post-page.tsx",
    searchOf: () => "",
    load: (client, id) => client.fetchQuery(postQuery(id)),
  },
  {
    path: "/shop",
    module: "src/shop/pages/shop-page.tsx",
    searchOf(params) {
      const order = toProductOrdering(params.get("order"), "");
      return termsOf(params) ? undefined : order === "newest" ? "" : `?order=${order}`;
    },
    load: (client, _, params) =>
      client.fetchInfiniteQuery(
        productsQuery({
          search: termsOf(params),
          order: toProductOrdering(params.get("order"), termsOf(params)),
        }),
      ),
  },
  {
    path: "/shop/:id",
    module: "src/shop/pages/product-page.tsx",
    searchOf: () => "",
    load: (client, id) => client.fetchQuery(productQuery(id)),
  },
  {
    path: "/members/:id",
    module: "src/app/pages/member-page.tsx",
    searchOf: () => "",
    load: (client, id) =>
      Promise.all([
        client.fetchQuery(userQuery(id)),
        client.fetchInfiniteQuery(postsQuery({ authorId: id })),
      ]),
  },
];

/** The public page at a path, with the id in it; undefined of a page that is for members or needs no data. */
export function findPublicPage(path: string): { page: PublicPage; id: string } | undefined {
  for (const page of publicPages) {
    const match = matchPath(page.path, path);
    if (match) return { page, id: match.params["id"] ?? "" };
  }
  return undefined;
}

function unlessSearch(params: URLSearchParams): string | undefined {
  return termsOf(params) ? undefined : "";
}

function termsOf(params: URLSearchParams): string {
  return params.get("q")?.trim() ?? "";
}
