import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clone, create, type DescMethod, setExtension } from "@bufbuild/protobuf";
import { MethodOptionsSchema } from "@bufbuild/protobuf/wkt";
import { CacheableSchema, cacheable } from "@plaza/contract/kit/v1/options";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { ListProductsRequestSchema } from "@plaza/contract/shop/v1/products";
import { ShopService } from "@plaza/contract/shop/v1/shop";
import { cachePolicyOf } from "./cache-policy.ts";

describe("cachePolicyOf", () => {
  it("does not apply to requests that set the excepted field", () => {
    const list = cachePolicyOf(ShopService.method.listProducts);
    assert.equal(list?.appliesTo(create(ListProductsRequestSchema, { pageSize: 3 })), true);
    assert.equal(list?.appliesTo(create(ListProductsRequestSchema, { showRetired: true })), false);
  });

  it("is undefined unless the contract states it", () => {
    assert.equal(cachePolicyOf(ShopService.method.getMyCart), undefined);
    assert.equal(cachePolicyOf(PostService.method.getPost), undefined);
  });

  function withOption(method: DescMethod, option: { maxAgeSeconds?: number; unlessSet?: string }) {
    const options = clone(MethodOptionsSchema, method.proto.options ?? create(MethodOptionsSchema));
    setExtension(options, cacheable, create(CacheableSchema, option));
    return () => cachePolicyOf({ ...method, proto: { ...method.proto, options } });
  }

  it("throws for anything but a public read and a positive age", () => {
    const { createPost, getPost } = PostService.method;
    assert.throws(withOption(createPost, { maxAgeSeconds: 1 }), /only a public read can be cached/);
    assert.throws(
      withOption(ShopService.method.getOrder, { maxAgeSeconds: 1 }),
      /only a public read/,
    );
    assert.throws(
      withOption(getPost, {}),
      /only a public read can be cached, for a second or more/,
    );
    assert.throws(
      withOption(getPost, { maxAgeSeconds: 1, unlessSet: "no" }),
      /names no field.*: no/,
    );
  });
});
