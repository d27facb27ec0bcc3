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
    `Created certificates in ${folder} for ${[...issued.keys()].join(", ")}.\n\nSet these variables for each process with its own files, for example for ${name}:\n${lines.join("\n")}\n\nStore ca.key on a machine that runs no service: it is needed only to create certificates.\nThe certificates are valid for a year. To renew them, put ca.key back and run this command again;\nrunning processes reload the new files.\n`,
  );
}
