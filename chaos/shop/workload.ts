import { demoPassword } from "../../test/base/accounts.ts";
import { registerNewAccounts } from "../base/registration.ts";
import { createRetryingClient } from "../base/retrying-client.ts";
import { runClients } from "../base/run-clients.ts";
import { createSeededRandom } from "../base/seeded-random.ts";
import type { SystemUnderTest } from "../base/system-under-test.ts";
import { runAdmin } from "./admin-client.ts";
import { runBuyer } from "./buyer-client.ts";
import { checkHistory, type ShopAnomalies, unitsSold } from "./checker.ts";
import { runCartIncrements } from "./concurrent-carts.ts";
import { createHistory, type ShopHistory } from "./history.ts";
import { createProducts } from "./products.ts";
import { type PendingOrders, readBack } from "./read-back.ts";
import { watchStock } from "./stock-watcher.ts";

export type ShopScale = {
  readonly products: number;
  readonly unitsPerProduct: number;
  readonly buyers: number;
  readonly cartClients: number;
};

export type ShopWorkloadOptions = {
  readonly scale: ShopScale;
  readonly seed: number;
  readonly pendingOrders: PendingOrders;
  readonly maxProviderWaitMs: number;
};

/** Result of the run. */
export type ShopWorkloadResult = {
  readonly anomalies: ShopAnomalies;
  readonly history: ShopHistory;
  readonly sold: number;
  readonly inStock: number;
};

const incrementedProducts = 10;

/** Runs buyers, an admin and concurrent cart writers while the nemesis runs, then checks. */
export async function runWorkload(
  target: SystemUnderTest,
  { scale, seed, ...readBackOptions }: ShopWorkloadOptions,
  nemesis: (history: ShopHistory) => Promise<unknown>,
): Promise<ShopWorkloadResult> {
  const history = createHistory();
  const adminAccount = { email: "admin1@email.com", password: demoPassword };
  const admin = createRetryingClient(target, adminAccount, history);
  const guest = createRetryingClient(target, undefined, history);
  const onSale = await createProducts(admin, scale.products, scale.unitsPerProduct);
  const toIncrement = await createProducts(admin, incrementedProducts, 1_000);
  const [cartAccount, ...buyerAccounts] = await registerNewAccounts(target, scale.buyers + 1);
  const cartClient = createRetryingClient(target, cartAccount, history);
  const attack = () => nemesis(history);
  await runClients(attack, (isOver) => [
    ...buyerAccounts.map((account, n) => {
      const buyer = createRetryingClient(target, account, history);
      return runBuyer(buyer, guest, onSale, history, createSeededRandom(seed + n), isOver);
    }),
    ...Array.from({ length: scale.cartClients }, (_, n) => {
      const random = createSeededRandom(seed + 1_000 + n);
      return runCartIncrements(cartClient, toIncrement, history, random, isOver);
    }),
    runAdmin(admin, history, createSeededRandom(seed), isOver),
    watchStock(admin, onSale, history, isOver),
  ]);
  const initialStock = new Map(onSale.map((id) => [id, scale.unitsPerProduct]));
  const finalState = await readBack({ admin, cartClient, initialStock, ...readBackOptions });
  return {
    anomalies: checkHistory(initialStock, history, finalState),
    history,
    sold: sum(unitsSold(finalState.orders).values()),
    inStock: sum(finalState.stock.values()),
  };
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, one) => total + one, 0);
}
