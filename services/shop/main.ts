import { ProductService } from "@plaza/contract/shop/v1/shop";
import { defineService } from "@plaza/kit/service";
import { productService } from "./service.ts";

export const shop = defineService({
  name: "shop",
  contract: ProductService,
  migrations: new URL("./migrations/", import.meta.url),
  create: (deps) => ({ implementation: productService(deps) }),
});
