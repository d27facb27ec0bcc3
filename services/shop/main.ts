import { ShopService } from "@plaza/contract/shop/v1/shop";
import { defineService, type Service } from "@plaza/kit/runtime/service";
import { createContext, type ServiceContext } from "./context.ts";
import { shopEventHandlers } from "./jobs/event-handlers.ts";
import { expireOrders } from "./jobs/expire-orders.ts";
import { sweep } from "./jobs/sweep.ts";
import { seed } from "./seed.ts";
import { shopService } from "./service.ts";

export const shop = defineShopService({});

/** The service with other parts; tests leave out the locks, to see that this is noticed. */
export function defineShopService(
  others: Partial<Pick<ServiceContext, "lockProducts" | "lockCart">>,
): Service {
  return defineService({
    name: "shop",
    contract: ShopService,
    migrations: new URL("./migrations/", import.meta.url),
    create(deps) {
      const shared = { ...createContext(deps), ...others };
      return {
        implementation: shopService(shared),
        eventHandlers: shopEventHandlers(shared),
        tasks: [
          { name: "expire orders", intervalMs: 5_000, run: () => expireOrders(shared) },
          { name: "sweep", intervalMs: 60_000, run: () => sweep(shared) },
        ],
        seed: () => seed(deps),
      };
    },
  });
}
