import { OperatorError } from "./errors/operator-error.ts";

type Setting<T> = {
  /** Its meaning; becomes a row of docs/configuration.md. */
  readonly about: string;
  /** Parses the variable. Throws an Error whose message continues the variable's name: "must be …". */
  parse(text: string): T;
  /** The value when it is not set. */
  readonly fallback: T;
};

/** Every setting of Plaza by its environment variable. */
export const settings = {
  PLAZA_ENV: {
    about: "`development` creates demo accounts, posts and products; `production` never does.",
    parse: oneOf("development", "production"),
    fallback: "development",
  },
  PLAZA_PORT: {
    about: "The port of the site and the API.",
    parse: port,
    fallback: 8080,
  },
  PLAZA_HOST: {
    about: "The address to listen on; `0.0.0.0` lets other machines in.",
    parse: text,
    fallback: "127.0.0.1",
  },
  PLAZA_PUBLIC_URL: {
    about:
      "The address people use, when it is not `http://localhost:<port>`. An `https` one makes cookies secure.",
    parse: optional(url),
    fallback: undefined,
  },
  PLAZA_DATA: {
    about: "The folder of the embedded PostgreSQL and of the log.",
    parse: text,
    fallback: ".plaza",
  },
  PLAZA_TRUST_PROXY: {
    about: "How many reverse proxies stand in front; their `X-Forwarded-For` is believed.",
    parse: wholeNumber,
    fallback: 0,
  },
  PLAZA_RATE_LIMIT: {
    about:
      "Requests a second that one network address may make, on average, and how many it may have open; calls that cost more, such as searches, count as several. 0 turns off this limit and those of single methods.",
    parse: wholeNumber,
    fallback: 100,
  },
  PLAZA_EARLY_REJECTION: {
    about:
      "`on` rejects calls over HTTP/1.1 before they are parsed while Plaza is overloaded, for a fraction of the cost; `off` leaves all reading of HTTP to Node.",
    parse: oneOf("on", "off"),
    fallback: "on",
  },
  PLAZA_LOG_LEVEL: {
    about: "`trace`, `debug`, `info`, `warn`, `error` or `silent`.",
    parse: oneOf("trace", "debug", "info", "warn", "error", "silent"),
    fallback: "info",
  },
  PLAZA_GRPC_PORT: {
    about:
      "The port on which the services named on the command line are served to other processes.",
    parse: port,
    fallback: 8090,
  },
  PLAZA_GRPC_HOST: {
    about: "The address that port listens on.",
    parse: text,
    fallback: "127.0.0.1",
  },
  PLAZA_SERVICE_KEY: {
    about:
      "The secret by which Plaza's processes know each other: 32 characters or more, the same in all. Needed as soon as there is more than one process.",
    parse: optional(atLeast(32)),
    fallback: undefined,
  },
  PLAZA_TLS_CA: {
    about:
      "A file with the certificate of the authority that Plaza's processes trust; see `plaza certs`. With it, calls between processes go over mutual TLS, and addresses begin with `https`.",
    parse: optional(text),
    fallback: undefined,
  },
  PLAZA_TLS_CERT: {
    about: "A file with this process's own certificate, signed by that authority.",
    parse: optional(text),
    fallback: undefined,
  },
  PLAZA_TLS_KEY: {
    about:
      "A file with the private key of that certificate. New files in place of these three are taken up while it runs.",
    parse: optional(text),
    fallback: undefined,
  },
  PLAZA_PICTURES: {
    about:
      "`on` loads pictures of other sites through Plaza, so that their hosts do not learn who reads; with `off` readers get a link instead.",
    parse: oneOf("on", "off"),
    fallback: "on",
  },
  PLAZA_PICTURE_HOSTS: {
    about:
      "Hosts of pictures, with commas between, that may have private addresses or unusual ports: `nas.lan,pictures.lan:8443`. Anybody who writes can make Plaza call them.",
    parse: optional(words),
    fallback: undefined,
  },
  PLAZA_SHOP_HOLD_SECONDS: {
    about: "How long the shop keeps goods for an order that is not paid, in seconds.",
    parse: wholeNumber,
    fallback: 259_200,
  },
  PLAZA_SHOP_MAX_UNPAID_ORDERS: {
    about: "How many unpaid orders a buyer may have at once; 0 turns off this limit.",
    parse: wholeNumber,
    fallback: 5,
  },
  PLAZA_SHOP_MAX_RESERVED_PIECES: {
    about:
      "How many pieces of one product the unpaid orders of a buyer may reserve together; 0 turns off this limit.",
    parse: wholeNumber,
    fallback: 20,
  },
  PLAZA_FRIENDS_DECLINE_PAUSE_SECONDS: {
    about:
      "How long a friend request cannot be made again after the first, the second, … time that the user has declined it, in seconds; the last is for all after it.",
    parse: wholeNumbers,
    fallback: Object.freeze([86_400, 604_800, 2_592_000, 31_536_000]),
  },
  DATABASE_URL: {
    about:
      "A PostgreSQL server to use instead of the embedded one. Each service has a database of its own there, named after the one given: `plaza` gives `plaza_auth`, `plaza_users`, …",
    parse: optional(text),
    fallback: undefined,
  },
  REDIS_URL: {
    about:
      "A Redis server as the pub/sub backend between the processes of a service, instead of PostgreSQL, and where gateways count rates together. It stores nothing: while it is down, updates arrive a second later, and each gateway counts for itself.",
    parse: optional(redisUrl),
    fallback: undefined,
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    about: "Where traces are sent (OTLP over HTTP). Without it none are recorded.",
    parse: optional(url),
    fallback: undefined,
  },
} satisfies Record<string, Setting<unknown>>;

/** Settings that exist once for each service: `PLAZA_POSTS_ADDRESS`, `PLAZA_POSTS_DATABASE_URL`, … */
export const serviceSettings = {
  ADDRESS: {
    about:
      "Where the service is served, when not in this process; several addresses, with commas between, share the calls.",
    parse: urls,
  },
  DATABASE_URL: {
    about: "The PostgreSQL database of this one service, used exactly as given.",
    parse: text,
  },
};

/** The settings of this process, read once and frozen. */
export type Config = {
  readonly [K in keyof typeof settings]: ReturnType<(typeof settings)[K]["parse"]>;
} & {
  /** Addresses of services that run elsewhere, by service. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  /** Connection URLs of services with a database of their own, by service. */
  readonly databases: Readonly<Record<string, string>>;
};

/**
 * Reads the settings from environment variables. Empty variables count as unset. Throws one OperatorError
 * that lists all invalid values.
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const problems: string[] = [];
  const parsed = <T>(name: string, parse: (text: string) => T, fallback: T): T => {
    try {
      return env[name] ? parse(env[name]) : fallback;
    } catch (error) {
      problems.push(`${name} ${(error as Error).message}`);
      return fallback;
    }
  };
  const forEach = (suffix: keyof typeof serviceSettings) => {
    const found: Record<string, unknown> = {};
    for (const name of Object.keys(env)) {
      const [, service] =
        /^PLAZA_([A-Z]+)_([A-Z_]+)$/.exec(name)?.[2] === suffix ? name.split("_") : [];
      if (service && env[name]) {
        found[service.toLowerCase()] = parsed<unknown>(name, serviceSettings[suffix].parse, "");
      }
    }
    return Object.freeze(found);
  };
  const config: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) {
    config[name] = parsed<unknown>(name, setting.parse, setting.fallback);
  }
  config["addresses"] = forEach("ADDRESS");
  config["databases"] = forEach("DATABASE_URL");
  if (problems.length > 0) throw new OperatorError(`${problems.join("; ")}.`);
  return Object.freeze(config) as Config;
}

function words(value: string): readonly string[] {
  return value
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean);
}

function text(value: string): string {
  return value;
}

function optional<T>(parse: (value: string) => T): (value: string) => T | undefined {
  return parse;
}

function oneOf<const T extends string>(...values: T[]): (value: string) => T {
  return (value) => {
    const found = values.find((one) => one === value);
    if (!found) throw new Error(`must be one of ${values.join(", ")}`);
    return found;
  };
}

function wholeNumber(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new Error("must be a whole number");
  return Number(value);
}

function wholeNumbers(value: string): readonly number[] {
  const numbers = value.split(",").map((one) => one.trim());
  const wrong = numbers.find((one) => !/^\d{1,9}$/.test(one));
  if (wrong === undefined) return Object.freeze(numbers.map(Number));
  throw new Error("must be a whole number, or several with commas between");
}

function port(value: string): number {
  const number = wholeNumber(value);
  if (number > 65_535) throw new Error("must be a port, 0 to 65535");
  return number;
}

function atLeast(length: number): (value: string) => string {
  return (value) => {
    if (value.length < length) throw new Error(`must have at least ${length} characters`);
    return value;
  };
}

function redisUrl(value: string): string {
  if (!/^rediss?:\/\/./.test(value)) throw new Error("must be a redis(s) address");
  return value;
}

function url(value: string): string {
  if (!isHttpUrl(value)) throw new Error("must be an http(s) address");
  return value.replace(/\/$/, "");
}

function urls(value: string): readonly string[] {
  const entries = value.split(",").map((entry) => entry.trim());
  const wrong = entries.find((entry) => !isHttpUrl(entry));
  if (wrong === undefined) return Object.freeze(entries.map(url));
  throw new Error(`must be an http(s) address, or several with commas between, and not "${wrong}"`);
}

const isHttpUrl = (value: string): boolean => /^https?:$/.test(URL.parse(value)?.protocol ?? "");
