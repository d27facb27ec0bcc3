import { parseArgs } from "node:util";
import { Fault } from "@plaza/kit/errors/fault";
import { OperatorError } from "@plaza/kit/errors/operator-error";
import type { CommandOptions } from "./command-options.ts";

/** A command of the CLI; `run` gets the arguments after its name. */
type Command = {
  readonly usage: string;
  readonly about: string;
  readonly load: () => Promise<{ run: (args: string[], options: CommandOptions) => Promise<void> }>;
};

const commands: Record<string, Command> = {
  start: {
    usage: "start [service…] [--split]",
    about: "Runs Plaza: everything in one process, each service in one (--split), or those named.",
    load: () => import("./commands/start.ts"),
  },
  dev: {
    usage: "dev",
    about: "Runs Plaza and reloads servers and site when a file changes.",
    load: () => import("./commands/dev.ts"),
  },
  migrate: {
    usage: "migrate up|down|status [service…]",
    about: "Brings database schemas up to date, takes the last step back, or lists the steps.",
    load: () => import("./commands/migrate.ts"),
  },
  seed: {
    usage: "seed",
    about: "Creates the demo accounts, posts and products.",
    load: () => import("./commands/seed.ts"),
  },
  admin: {
    usage: "admin grant <e-mail>",
    about: "Makes an account an administrator.",
    load: () => import("./commands/admin.ts"),
  },
  certs: {
    usage: "certs [host…]",
    about: "Makes or renews certificates for mutual TLS between processes.",
    load: () => import("./commands/certs.ts"),
  },
  new: {
    usage: "new service <name> [thing]",
    about: "Makes a service: contract, handlers, migration and tests, ready to run.",
    load: () => import("./commands/new-service.ts"),
  },
  config: {
    usage: "config",
    about: "Prints the table of settings.",
    load: () => import("./commands/config.ts"),
  },
};

function help(): string {
  const width = Math.max(...Object.values(commands).map(({ usage }) => usage.length));
  const lines = Object.values(commands).map(
    ({ usage, about }) => `  plaza ${usage.padEnd(width)}  ${about}`,
  );
  return `Plaza: posts, friends, chat and a shop under one account.\n\n${lines.join("\n")}\n`;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { split: { type: "boolean", default: false }, help: { type: "boolean", short: "h" } },
  });
  const [name = "", ...args] = positionals;
  const command = commands[name];
  if (values.help || name === "" || name === "help") {
    process.stdout.write(help());
    return;
  }
  if (!command) throw new OperatorError(`There is no command "${name}"; see plaza help.`);
  const { run } = await command.load();
  await run(args, { split: values.split });
}

try {
  await main();
} catch (error) {
  const isUsageError = error instanceof TypeError && "code" in error;
  const isExpected = error instanceof OperatorError || error instanceof Fault || isUsageError;
  process.stderr.write(
    isExpected ? `plaza: ${error.message}\n` : `plaza: ${(error as Error).stack}\n`,
  );
  process.exitCode = 1;
}
