// gRPC's interoperability cases with grpc-go, in both directions: `node run.ts <folder of the build>`.
import { runForeignClient, runForeignServer } from "../interop.ts";

const [folder] = process.argv.slice(2);

await runForeignClient({
  name: "grpc-go",
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
