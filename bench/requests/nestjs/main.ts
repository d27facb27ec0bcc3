// What a careful developer would write with NestJS on Fastify and pg, on the tables of Plaza's posts. Types are
// only stripped at load, so decorators are applied as the functions that they are.
import "reflect-metadata";
import { BadRequestException, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";
import { PostStore } from "./post-store.ts";
import { PostsController } from "./posts-controller.ts";
import { recordRequests } from "./request-record.ts";

class AppModule {}
Module({ controllers: [PostsController], providers: [PostStore] })(AppModule);

const adapter = new FastifyAdapter({
  // It would look for middleware of Express's kind, of which there is none.
  skipMiddie: true,
  schemaErrorFormatter: ([error], part) =>
    new BadRequestException(`${part}${error?.instancePath} ${error?.message}`),
});
const app = await NestFactory.create<NestFastifyApplication>(AppModule, adapter, {
  logger: ["error", "warn"],
});
recordRequests(adapter.getInstance(), process.env["LOG_FILE"] ?? "");
await app.listen(0, "127.0.0.1");
console.log(await app.getUrl());
