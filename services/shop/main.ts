import { ShopService } from "@plaza/contract/shop/v1/shop";
import { defineService, type Service } from "@plaza/kit/runtime/service";
import { indexTask } from "@plaza/kit/text/index-task";
import { createContext } from "./context.ts";
import { offlineProvider, type PaymentProvider } from "./domain/payment-provider.ts";
import { shopEventHandlers } from "./jobs/event-handlers.ts";
import { expireOrders } from "./jobs/expire-orders.ts";
import { finishPayments } from "./jobs/finish-payments.ts";
import { sweep } from "./jobs/sweep.ts";
import { seed } from "./seed.ts";
import { shopService } from "./service.ts";
import { findUnindexedProducts, indexProduct } from "./store/products.ts";

/** The shop with this payment provider for new orders. */
export function defineShop(provider: PaymentProvider): Service {
  return defineService({
    name: "shop",
    contract: ShopService,
    migrations: new URL("./migrations/", import.meta.url),
    create(deps) {
      const context = createContext(deps, provider);
      return {
        implementation: shopService(context),
        eventHandlers: shopEventHandlers(context),
        tasks: [
          { name: "expire orders", intervalMs: 5_000, run: () => expireOrders(context) },
          { name: "finish payments", intervalMs: 5_000, run: () => finishPayments(context) },
          indexTask(context.db, "product", findUnindexedProducts, indexProduct),
          { name: "purge expired records", intervalMs: 60_000, run: () => sweep(context) },
        ],
        seed: () => seed(deps),
      };
    },
  });
}

export const shop = defineShop(offlineProvider);
