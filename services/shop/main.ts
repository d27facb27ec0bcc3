import { ShopService } from "@plaza/contract/shop/v1/shop";
import { defineService } from "@plaza/kit/runtime/service";
import { createContext } from "./context.ts";
import { shopEventHandlers } from "./jobs/event-handlers.ts";
import { expireOrders } from "./jobs/expire-orders.ts";
import { sweep } from "./jobs/sweep.ts";
import { seed } from "./seed.ts";
import { shopService } from "./service.ts";

export const shop = defineService({
  name: "shop",
  contract: ShopService,
  migrations: new URL("./migrations/", import.meta.url),
  create(deps) {
    const context = createContext(deps);
    return {
      implementation: shopService(context),
      eventHandlers: shopEventHandlers,
      tasks: [
        { name: "expire orders", intervalMs: 5_000, run: () => expireOrders(context) },
        { name: "purge expired records", intervalMs: 60_000, run: () => sweep(context) },
      ],
      seed: () => seed(deps),
    };
  },
});
