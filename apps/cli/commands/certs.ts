import path from "node:path";
import { readConfig } from "@plaza/kit/config";
import { issueCertificates } from "../certificate-files.ts";
import { serviceNames } from "../services.ts";

/** `plaza certs [host…]`: issues or renews certificates for mutual TLS between processes. */
export async function run(hosts: string[]): Promise<void> {
  const folder = path.resolve(readConfig(process.env).PLAZA_DATA, "certs");
  const issued = await issueCertificates(folder, [...serviceNames(), "gateway"], hosts);
  const [[name, env] = ["", {}]] = issued;
  const lines = Object.entries(env).map(([setting, file]) => `  ${setting}=${file}`);
  process.stdout.write(
    `Certificates for ${[...issued.keys()].join(", ")} are in ${folder}.\nGive each process its own, for example ${name}:\n${lines.join("\n")}\nKeep ca.key where no service runs; it is needed only to make more.\nThey are valid for a year: put ca.key back and run this again before then. Running processes take up new files.\n`,
  );
}
