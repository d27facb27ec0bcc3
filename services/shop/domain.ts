import { Fault } from "@plaza/kit/fault";

export type Product = {
  readonly id: string;
  readonly ownerId: string;
  readonly text: string;
  readonly createTime: Date;
};

/** Whoever is signed in. */
type Account = { readonly id: string; readonly roles: readonly string[] };

export function mayRead(product: Product, account: Account): boolean {
  return product.ownerId === account.id || account.roles.includes("admin");
}

/** A retry gets the product of its first request; anything else under the same key is a client bug. */
export function sameRequest(first: Product | undefined, again: Product): Product {
  if (first?.text === again.text) return first;
  throw new Fault("conflict", "KEY_REUSED", "idempotency_key belongs to another request");
}

export function noSuchProduct(id: string): never {
  throw new Fault("not_found", "NO_SUCH_PRODUCT", `no such product: ${id}`);
}

export function notYourProduct(): never {
  throw new Fault("forbidden", "NOT_YOUR_PRODUCT", "only its owner may read a product");
}
