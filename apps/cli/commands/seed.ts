import { readConfig } from "@plaza/kit/config";
import { OperatorError } from "@plaza/kit/errors/operator-error";
import { openDatabases } from "../databases.ts";
import { seedDatabases } from "../seed-databases.ts";
import { serviceNames } from "../services.ts";

/** `plaza seed`: creates the demo accounts, posts and products unless they exist. Never in production. */
export async function run(): Promise<void> {
  const config = readConfig(process.env);
  if (config.PLAZA_ENV === "production") {
    throw new OperatorError(
      "Demo accounts have a public password and cannot be created in production.",
    );
  }
  const databases = await openDatabases(config, serviceNames());
  try {
    await seedDatabases(config, databases);
    process.stdout.write("The demo accounts, posts and products exist now.\n");
  } finally {
    await databases.close();
  }
}
