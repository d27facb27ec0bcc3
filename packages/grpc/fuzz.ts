// For `npm run chaos grpc-fuzz`; not published.
export { type FuzzPeerResult, memoryGrowthBytes } from "./fuzz/batch-run.ts";
export { findSeededFaults, runGrpcFuzz } from "./fuzz/fuzzer.ts";
export { seededFaultNames } from "./fuzz/seeded-faults.ts";
