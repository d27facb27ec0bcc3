import { randomUUID } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import type { CreateProductRequestSchema, Product } from "@plaza/contract/shop/v1/products";
import { ShopService } from "@plaza/contract/shop/v1/shop";
import { UserService } from "@plaza/contract/users/v1/users";
import { readConfig } from "@plaza/kit/config";
import { stub, type TestPlaza, type TestPlazaOptions, testPlaza } from "@plaza/kit/testing/plaza";
import { createContext, type ServiceContext } from "../context.ts";
import type { PaymentProvider } from "../domain/payment-provider.ts";
import { shop } from "../main.ts";

/** The service under test, and clients of it. */
export type TestShop = TestPlaza & {
  anonymousClient(): Client<typeof ShopService>;
  memberClient(id?: string): Client<typeof ShopService>;
  adminClient(): Client<typeof ShopService>;
  /** Creates a product: 5 in stock for 2.50 € each by default. */
  createProduct(wanted?: MessageInitShape<typeof CreateProductRequestSchema>): Promise<Product>;
  stockOf(productId: string): Promise<number>;
  /** The types of the events of an aggregate, in order. */
  eventTypesOf(id: string): Promise<string[]>;
  /** The context of a process with this clock and the provider, offline by default. */
  contextAt(now: () => Date, provider?: PaymentProvider): ServiceContext;
  /** Creates a member with one of each product in the cart. */
  newBuyer(...products: readonly Product[]): Promise<Client<typeof ShopService>>;
};

/** Runs the service for the suite in which this is called. */
export function testShop(options: Partial<TestPlazaOptions> = {}): TestShop {
  const plaza = testPlaza({
    services: [shop],
    stubs: [stub(UserService, {})],
    ...options,
  });
  const config = readConfig({ ...options.env });
  const memberClient = (id: string = randomUUID()) =>
    plaza.client(ShopService, { account: { id } });
  const adminClient = () =>
    plaza.client(ShopService, { account: { id: randomUUID(), roles: ["member", "admin"] } });
  return {
    ...plaza,
    memberClient,
    adminClient,
    anonymousClient: () => plaza.client(ShopService),
    createProduct: (wanted) =>
      adminClient().createProduct({
        name: "Mug",
        description: "Holds *tea*.",
        priceMinor: 250n,
        currency: "EUR",
        stock: 5,
        ...wanted,
      }),
    contextAt(now, provider) {
      const db = plaza.db("shop");
      return createContext({ db, now, newId: randomUUID, config }, provider);
    },
    async stockOf(id) {
      return (await plaza.client(ShopService).getProduct({ id })).stock;
    },
    async eventTypesOf(id) {
      const rows = await plaza.db("shop")<{ type: string }[]>`
        select type from event where aggregate_id = ${id} order by sequence`;
      return rows.map(({ type }) => type.replace("plaza.shop.v1.", ""));
    },
    async newBuyer(...products) {
      const buyer = memberClient();
      for (const { id } of products) await buyer.addCartItem({ productId: id, quantity: 1 });
      return buyer;
    },
  };
}
