import { randomUUIDv7 } from "node:crypto";
import {
  Body,
  Controller,
  Get,
  HttpCode,
  Inject,
  NotFoundException,
  Param,
  Post,
  Query,
  Req,
  UseGuards,
} from "@nestjs/common";
import { RouteSchema } from "@nestjs/platform-fastify";
import type { FastifyRequest } from "fastify";
import { AccessTokenGuard } from "./access-token-guard.ts";
import { createPostSchema, getPostSchema, listPostsSchema } from "./post-schemas.ts";
import { PostStore } from "./post-store.ts";

const defaultPageSize = 20;
const maxUuid = "ffffffff-ffff-ffff-ffff-ffffffffffff";
const maxExcerptLength = 280;

type PageQuery = { readonly pageSize?: number; readonly pageToken?: string };
type PostText = { readonly title: string; readonly body: string };

export class PostsController {
  readonly #store: PostStore;

  constructor(store: PostStore) {
    this.#store = store;
  }

  async getPost(id: string) {
    const post = await this.#store.find(id);
    if (!post) throw new NotFoundException(`no such post: "${id}"`);
    return post;
  }

  async listPosts({ pageSize, pageToken = maxUuid }: PageQuery) {
    const size = pageSize || defaultPageSize;
    const rows = await this.#store.list(pageToken, size + 1);
    const posts = rows.slice(0, size);
    return { posts, nextPageToken: rows.length > size ? posts.at(-1)?.id : "" };
  }

  async createPost({ title, body }: PostText, { accountId = "" }: FastifyRequest) {
    const post = {
      id: randomUUIDv7(),
      authorId: accountId,
      title: title.trim(),
      body,
      excerpt: body.slice(0, maxExcerptLength),
      createTime: new Date(),
    };
    await this.#store.create(post);
    return { ...post, updateTime: post.createTime };
  }
}

Controller("v1/posts")(PostsController);
Inject(PostStore)(PostsController, undefined, 0);

decorateMethod("getPost", Get(":id"), RouteSchema(getPostSchema));
Param("id")(PostsController.prototype, "getPost", 0);

decorateMethod("listPosts", Get(), RouteSchema(listPostsSchema));
Query()(PostsController.prototype, "listPosts", 0);

const createPostDecorators = [Post(), HttpCode(200), UseGuards(AccessTokenGuard)];
decorateMethod("createPost", ...createPostDecorators, RouteSchema(createPostSchema));
Body()(PostsController.prototype, "createPost", 0);
Req()(PostsController.prototype, "createPost", 1);

function decorateMethod(name: keyof PostsController, ...decorators: MethodDecorator[]): void {
  const { prototype } = PostsController;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  for (const decorate of decorators) decorate(prototype, name, descriptor ?? {});
}
