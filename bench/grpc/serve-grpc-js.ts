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
} from "@plaza/grpc/gen/grpc/testing/messages_pb";
import { TestService } from "@plaza/grpc/gen/grpc/testing/test_pb";
import { definitionOf } from "./grpc-js-definition.ts";
import { echo, payload, post } from "./responses.ts";

const getPost: handleUnaryCall<unknown, unknown> = (_call, answer) => answer(null, post);

const unaryCall: handleUnaryCall<SimpleRequest, unknown> = ({ request }, answer) =>
  answer(null, create(SimpleResponseSchema, { payload: payload(request.responseSize) }));

const fullDuplexCall: handleBidiStreamingCall<StreamingOutputCallRequest, unknown> = (call) => {
  call.on("data", (request: StreamingOutputCallRequest) => {
    call.write(create(StreamingOutputCallResponseSchema, echo(request)));
  });
  call.on("end", () => call.end());
};

const server = new Server({ "grpc.max_concurrent_streams": 20_000 });
server.addService(definitionOf(PostService), { getPost });
server.addService(definitionOf(TestService), { unaryCall, fullDuplexCall });
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
