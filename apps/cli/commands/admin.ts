import { grantAdmin } from "@plaza/auth/use-cases/grant-admin";
import { readConfig } from "@plaza/kit/config";
import { connect } from "@plaza/kit/db/database";
import { migrateService } from "@plaza/kit/db/migrate";
import { OperatorError } from "@plaza/kit/errors/operator-error";
import { openDatabases } from "../databases.ts";
import { loadServices } from "../services.ts";

/** `plaza admin grant <e-mail>`: makes an account an administrator, above all the first one. */
export async function run([verb, email]: string[]): Promise<void> {
  if (verb !== "grant" || !email)
    throw new OperatorError("Wrong arguments; usage: plaza admin grant <e-mail>.");
  const databases = await openDatabases(readConfig(process.env), ["auth"]);
  const db = connect(await databases.connectionConfig("auth"), { max: 1 });
  try {
    for (const { migrations } of await loadServices(["auth"])) await migrateService(db, migrations);
    await grantAdmin(db, email);
    process.stdout.write(`${email} is now an administrator.\n`);
  } finally {
    await db.end();
    await databases.close();
  }
}
