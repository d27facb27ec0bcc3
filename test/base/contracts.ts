import type { DescService } from "@bufbuild/protobuf";
import { loadServices, serviceNames } from "../../apps/cli/services.ts";

/** The contracts of all services of Plaza. */
export const contracts: readonly DescService[] = (await loadServices(serviceNames())).map(
  ({ contract }) => contract,
);
