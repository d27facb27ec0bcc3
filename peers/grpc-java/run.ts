// gRPC's interoperability cases with grpc-java, in both directions: `node run.ts <folder of the build>`.
import { runForeignClient, runForeignServer } from "../interop.ts";

const [folder] = process.argv.slice(2);

await runForeignClient({
  name: "grpc-java",
  command: (port, testCase) => [
    `${folder}/interop-client`,
    "--use_tls=false",
    "--server_host=127.0.0.1",
    `--server_port=${port}`,
    `--test_case=${testCase}`,
  ],
});

await runForeignServer({
  name: "grpc-java",
  traits: { compressesPerMessage: true, checksCompression: false },
  leftOut: { server_compressed_streaming: "its server compresses no messages of streams" },
  command: (port) => [`${folder}/interop-server`, "--use_tls=false", `--port=${port}`],
});
