import type { Cart } from "@plaza/contract/shop/v1/carts";
import { useSyncExternalStore } from "react";
import { tryStorage } from "../lib/storage.ts";

const visitorCartKey = "plaza.visitor-cart";

/** Whether this browser has a filled cart of a visitor. Its cookie is HttpOnly, hence this mark in the storage. */
export function hasVisitorCart(): boolean {
  return (tryStorage(() => localStorage.getItem(visitorCartKey)) ?? null) !== null;
}

/** The same for a component, which renders again when another window fills or empties the cart. */
export function useHasVisitorCart(): boolean {
  return useSyncExternalStore(subscribeToStorage, hasVisitorCart, () => false);
}

function subscribeToStorage(listener: () => void): () => void {
  window.addEventListener("storage", listener);
  return () => window.removeEventListener("storage", listener);
}

/**
 * Runs the first addition to a visitor's cart under a Web Lock, so that two tabs do not add at the same time: each
 * would create its own cart and cookie, and one cart would be lost.
 */
export function addExclusively<T>(add: () => Promise<T>): Promise<T> {
  // Browsers offer no locks to pages without TLS.
  if (hasVisitorCart() || !navigator.locks) return add();
  return navigator.locks.request(visitorCartKey, add);
}

/** Marks that this browser has a visitor's cart, or removes the mark when the cart is empty. */
export function rememberVisitorCart({ userId, items }: Cart): void {
  if (userId) return;
  // Without storage, the cart is not merged when the visitor signs in.
  tryStorage(() => {
    if (items.length > 0) localStorage.setItem(visitorCartKey, "filled");
    else localStorage.removeItem(visitorCartKey);
  });
}

export function forgetVisitorCart(): void {
  tryStorage(() => localStorage.removeItem(visitorCartKey));
}
