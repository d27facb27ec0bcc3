import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { PostSchema } from "@plaza/contract/posts/v1/posts";
import { ProductSchema } from "@plaza/contract/shop/v1/products";
import { UserSchema } from "@plaza/contract/users/v1/users";
import { notFound } from "@plaza/kit/errors/fault";
import { memberId, type TestGatewayOptions } from "./test-gateway.ts";

/** What would end the element or the document that it stands in, were it not escaped. */
export const hostileText = `</script></title><script>alert(1)</script>"'&]]>\u2028\u0007\uD800 $& café`;

export const postId = "01900000-0000-7000-8000-0000000000aa";
export const productId = "01900000-0000-7000-8000-0000000000bb";
export const deletedId = "01900000-0000-7000-8000-0000000000ee";
export const unknownId = "01900000-0000-7000-8000-0000000000ff";

const createTime = timestampFromDate(new Date("2026-11-01T10:00:00Z"));

export const author = create(UserSchema, {
  id: memberId,
  nickname: "clara",
  about: `Clara ${hostileText}`,
  createTime,
});

export const post = create(PostSchema, {
  id: postId,
  authorId: memberId,
  title: `Hello ${hostileText}`,
  excerpt: `Beginning ${hostileText}`,
  body: `A **bold** text.\n\n${hostileText}\n\n[x](javascript:alert(1))`,
  author,
  createTime,
  updateTime: createTime,
});

export const product = create(ProductSchema, {
  id: productId,
  name: `Crate ${hostileText}`,
  description: `Made of *wood*. ${hostileText}`,
  priceMinor: 1_250n,
  currency: "EUR",
  stock: 3,
  pictureUrls: ["/demo/apples.svg"],
  active: true,
  createTime,
  updateTime: createTime,
});

function find<T extends { id: string }>(item: T, id: string, reason: string): T {
  if (id === item.id) return item;
  throw notFound(reason, `no such item: ${id}`, id === deletedId);
}

/** Services with one post, one product and one profile, each with hostile text. */
export const siteStubs: Pick<Required<TestGatewayOptions>, "posts" | "users" | "shop"> = {
  posts: {
    getPost: ({ id }) => find(post, id, "NO_SUCH_POST"),
    listPosts: ({ pageToken }) => ({ posts: [post], nextPageToken: pageToken ? "" : "Mg" }),
  },
  users: { getUser: ({ id }) => find(author, id, "NO_SUCH_USER") },
  shop: {
    getProduct: ({ id }) => find(product, id, "NO_SUCH_PRODUCT"),
    listProducts: () => ({ products: [product] }),
  },
};
