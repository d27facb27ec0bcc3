import type { Cart } from "@plaza/contract/shop/v1/carts";

const visitorCartKey = "plaza.visitor-cart";

/** Whether somebody unknown has filled a cart in this browser. The cookie that names it is HttpOnly. */
export function hasVisitorCart(): boolean {
  try {
    return localStorage.getItem(visitorCartKey) !== null;
  } catch {
    return false;
  }
}

/**
 * Adds to a visitor's cart. The first addition opens it and brings the cookie that names it, so that of two tabs
 * that add for the first time one waits for the other: else each would get a cart, and one of them be lost.
 */
export function addExclusively<T>(add: () => Promise<T>): Promise<T> {
  // Browsers offer no locks to pages without TLS.
  if (hasVisitorCart() || !navigator.locks) return add();
  return navigator.locks.request(visitorCartKey, add);
}

/** Remembers a visitor's cart for as long as there is something in it. */
export function rememberVisitorCart({ userId, items }: Cart): void {
  if (userId) return;
  try {
    if (items.length > 0) localStorage.setItem(visitorCartKey, "filled");
    else localStorage.removeItem(visitorCartKey);
  } catch {
    // Storage is forbidden; the cart then stays the visitor's.
  }
}

export function forgetVisitorCart(): void {
  try {
    localStorage.removeItem(visitorCartKey);
  } catch {
    // Where nothing can be kept, nothing is.
  }
}
