// A client contender: `call.ts ours|grpc-js <port> <seconds>` prints its calls a second.
import { create, type Message } from "@bufbuild/protobuf";
import { type Client, credentials, makeClientConstructor } from "@grpc/grpc-js";
import { GetPostRequestSchema, PostService } from "@plaza/contract/posts/v1/posts";
import { definitionOf } from "./grpc-js-definition.ts";
import { callsPerSecond, tester } from "./load-generator.ts";

const [kind, port = "", seconds = ""] = process.argv.slice(2);
const callers = 128;
const request = create(GetPostRequestSchema, { id: "0190163d-8694-739b-aea5-966c26f8ad90" });
const once = kind === "ours" ? ours() : grpcJs();
await callsPerSecond(once, callers, 2);
console.log(await callsPerSecond(once, callers, Number(seconds)));
process.exit();

function ours(): () => Promise<unknown> {
  const { posts } = tester(Number(port));
  return () => posts.getPost(request);
}

function grpcJs(): () => Promise<unknown> {
  const definition = definitionOf(PostService);
  const Made = makeClientConstructor(definition, "PostService");
  const client: Client = new Made(`127.0.0.1:${port}`, credentials.createInsecure());
  const { path, requestSerialize, responseDeserialize } = definition["getPost"] as NonNullable<
    (typeof definition)[string]
  >;
  return () =>
    new Promise<Message>((resolve, reject) => {
      const done = (error: Error | null, answer?: unknown) =>
        error ? reject(error) : resolve(answer as Message);
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, done);
    });
}
