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
    about: "Start all or the named services; --split: in one process each.",
    load: () => import("./commands/start.ts"),
  },
  dev: {
    usage: "dev",
    about: "Start Plaza, and reload servers and site on changes.",
    load: () => import("./commands/dev.ts"),
  },
  migrate: {
    usage: "migrate up|down|status [service…]",
    about: "Apply migrations, revert the last one, or list them.",
    load: () => import("./commands/migrate.ts"),
  },
  seed: {
    usage: "seed",
    about: "Create the demo accounts, posts and products.",
    load: () => import("./commands/seed.ts"),
  },
  admin: {
    usage: "admin grant <e-mail>",
    about: "Make an account an administrator.",
    load: () => import("./commands/admin.ts"),
  },
  certs: {
    usage: "certs [host…]",
    about: "Create or renew TLS certificates for Plaza's processes.",
    load: () => import("./commands/certs.ts"),
  },
  new: {
    usage: "new service <name> [resource]",
    about: "Create a service with contract, handlers and tests.",
    load: () => import("./commands/new-service.ts"),
  },
  config: {
    usage: "config",
    about: "Print all settings as a Markdown table.",
    load: () => import("./commands/config.ts"),
  },
};

function help(): string {
  const width = Math.max(...Object.values(commands).map(({ usage }) => usage.length));
  const lines = Object.values(commands).map(
    ({ usage, about }) => `  plaza ${usage.padEnd(width)}  ${about}`,
  );
  return `Plaza: posts, friends, chat and a shop under one account.\n\nUsage: plaza <command>\n\n${lines.join("\n")}\n\nSettings are environment variables: see "plaza config" or docs/configuration.md.\n`;
}

function parseCommandLine() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        split: { type: "boolean", default: false },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    // After the first sentence Node explains how to pass arguments that begin with a hyphen.
    const [problem] = (error as Error).message.split(". ");
    throw new OperatorError(`${problem}; run "plaza help" for a list.`);
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseCommandLine();
  const [name = "", ...args] = positionals;
  const command = commands[name];
  if (values.help || name === "" || name === "help") {
    process.stdout.write(help());
    return;
  }
  if (!command) throw new OperatorError(`Unknown command "${name}"; run "plaza help" for a list.`);
  const { run } = await command.load();
  await run(args, { split: values.split });
}

try {
  await main();
} catch (error) {
  const isExpected = error instanceof OperatorError || error instanceof Fault;
  process.stderr.write(
    isExpected ? `plaza: ${error.message}\n` : `plaza: ${(error as Error).stack}\n`,
  );
  process.exitCode = 1;
}
