import { create } from "@bufbuild/protobuf";
import {
  type handleBidiStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
} from "@grpc/grpc-js";
import { PostService } from "@plaza/contract/posts/v1/posts";
import {
  type SimpleRequest,
  SimpleResponseSchema,
  type StreamingOutputCallRequest,
  StreamingOutputCallResponseSchema,
  TestService,
} from "@plaza/grpc/testing";
import { toServiceDefinition } from "./grpc-js-definition.ts";
import { echoResponse, payloadOf, samplePost } from "./responses.ts";

const getPost: handleUnaryCall<unknown, unknown> = (_call, respond) => respond(null, samplePost);

const unaryCall: handleUnaryCall<SimpleRequest, unknown> = ({ request }, respond) =>
  respond(null, create(SimpleResponseSchema, { payload: payloadOf(request.responseSize) }));

const fullDuplexCall: handleBidiStreamingCall<StreamingOutputCallRequest, unknown> = (call) => {
  call.on("data", (request: StreamingOutputCallRequest) => {
    call.write(create(StreamingOutputCallResponseSchema, echoResponse(request)));
  });
  call.on("end", () => call.end());
};

const server = new Server({ "grpc.max_concurrent_streams": 20_000 });
server.addService(toServiceDefinition(PostService), { getPost });
server.addService(toServiceDefinition(TestService), { unaryCall, fullDuplexCall });
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`http://127.0.0.1:${port}`);
});
