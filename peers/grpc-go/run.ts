// gRPC's interoperability cases with grpc-go, in both directions: `node run.ts <folder of the build>`.
import { runForeignClient, runForeignServer } from "../interop.ts";

const [folder] = process.argv.slice(2);

await runForeignClient({
  name: "grpc-go",
  cases: [
    "empty_unary",
    "large_unary",
    "client_streaming",
    "server_streaming",
    "ping_pong",
    "empty_stream",
    "timeout_on_sleeping_server",
    "cancel_after_begin",
    "cancel_after_first_response",
    "status_code_and_message",
    "special_status_message",
    "custom_metadata",
    "unimplemented_method",
    "unimplemented_service",
  ],
  command: (port, testCase) => [
    `${folder}/interop-client`,
    "-use_tls=false",
    "-server_host=127.0.0.1",
    `-server_port=${port}`,
    `-test_case=${testCase}`,
  ],
});

const noCompression = "its server neither takes nor makes compressed messages";
await runForeignServer({
  name: "grpc-go",
  traits: { compressesPerMessage: false, checksCompression: false },
  leftOut: {
    client_compressed_unary: noCompression,
    client_compressed_streaming: noCompression,
    server_compressed_unary: noCompression,
    server_compressed_streaming: noCompression,
  },
  command: (port) => [`${folder}/interop-server`, "-use_tls=false", `-port=${port}`],
});
