// A client contender: `call.ts ours|grpc-js <port> <seconds> <warm-up seconds>` prints its calls a second.
import { create, type Message } from "@bufbuild/protobuf";
import { type Client, credentials, makeClientConstructor } from "@grpc/grpc-js";
import { GetPostRequestSchema, PostService } from "@plaza/contract/posts/v1/posts";
import { toServiceDefinition } from "./grpc-js-definition.ts";
import { callsPerSecond, createTestClients } from "./load-generator.ts";

const [kind, port = "", seconds = "", warmUpSeconds = ""] = process.argv.slice(2);
const callerCount = 128;
const request = create(GetPostRequestSchema, { id: "0190163d-8694-739b-aea5-966c26f8ad90" });
const callOnce = kind === "ours" ? plazaCall() : grpcJsCall();
await callsPerSecond(callOnce, callerCount, Number(warmUpSeconds));
console.log(await callsPerSecond(callOnce, callerCount, Number(seconds)));
process.exit();

function plazaCall(): () => Promise<unknown> {
  const { posts } = createTestClients(Number(port));
  return () => posts.getPost(request);
}

function grpcJsCall(): () => Promise<unknown> {
  const definition = toServiceDefinition(PostService);
  const Made = makeClientConstructor(definition, "PostService");
  const client: Client = new Made(`127.0.0.1:${port}`, credentials.createInsecure());
  const { path, requestSerialize, responseDeserialize } = definition["getPost"] as NonNullable<
    (typeof definition)[string]
  >;
  return () =>
    new Promise<Message>((resolve, reject) => {
      const done = (error: Error | null, response?: unknown) =>
        error ? reject(error) : resolve(response as Message);
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, done);
    });
}
