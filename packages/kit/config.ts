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
    about: "The address to listen on; `0.0.0.0` accepts connections from other machines.",
    parse: text,
    fallback: "127.0.0.1",
  },
  PLAZA_PUBLIC_URL: {
    about:
      "The public URL of the site, if it is not `http://localhost:<port>`. It may have a path, as `https://example.org/community`. With `https`, cookies are marked Secure.",
    parse: optional(url),
    fallback: undefined,
  },
  PLAZA_DATA: {
    about: "The folder of the embedded PostgreSQL's data and of the log.",
    parse: text,
    fallback: ".plaza",
  },
  PLAZA_TRUST_PROXY: {
    about:
      "The number of reverse proxies in front of Plaza, whose word on the client's address is trusted.",
    parse: wholeNumber,
    fallback: 0,
  },
  PLAZA_PROXY_HEADER: {
    about:
      "The header in which these proxies name the client: `x-forwarded-for`, or `forwarded` (RFC 7239). The other one is ignored.",
    parse: oneOf("x-forwarded-for", "forwarded"),
    fallback: "x-forwarded-for",
  },
  PLAZA_RATE_LIMIT: {
    about:
      "The average number of requests per second from one network address, and the number that it may have open. Expensive calls, such as searches, count as several. 0 turns off this limit and those of single methods.",
    parse: wholeNumber,
    fallback: 100,
  },
  PLAZA_EARLY_REJECTION: {
    about:
      "While Plaza is overloaded, `on` rejects HTTP/1.1 calls before they are parsed, which costs far less; with `off`, Node parses all of them.",
    parse: oneOf("on", "off"),
    fallback: "on",
  },
  PLAZA_LOG_LEVEL: {
    about:
      "The lowest level that is logged: `trace`, `debug`, `info`, `warn`, `error` or `silent`.",
    parse: oneOf("trace", "debug", "info", "warn", "error", "silent"),
    fallback: "info",
  },
  PLAZA_GRPC_PORT: {
    about:
      "The port on which the services named on the command line listen for calls from other processes.",
    parse: port,
    fallback: 8090,
  },
  PLAZA_GRPC_HOST: {
    about: "The address to listen on for these calls.",
    parse: text,
    fallback: "127.0.0.1",
  },
  PLAZA_SERVICE_KEY: {
    about:
      "The shared secret with which Plaza's processes authenticate each other: at least 32 characters, the same in all of them. Required if there is more than one process.",
    parse: optional(atLeast(32)),
    fallback: undefined,
  },
  PLAZA_TLS_CA: {
    about:
      "The file with the certificate of the authority that Plaza's processes trust; see `plaza certs`. If set, calls between processes use mutual TLS, and their addresses begin with `https`.",
    parse: optional(text),
    fallback: undefined,
  },
  PLAZA_TLS_CERT: {
    about: "The file with the certificate of this process, signed by that authority.",
    parse: optional(text),
    fallback: undefined,
  },
  PLAZA_TLS_KEY: {
    about:
      "The file with the private key of that certificate. When these three files are replaced, they are reloaded without a restart.",
    parse: optional(text),
    fallback: undefined,
  },
  PLAZA_PICTURES: {
    about:
      "`on` loads pictures from other sites through Plaza, so that these sites do not learn who views them; `off` shows links instead.",
    parse: oneOf("on", "off"),
    fallback: "on",
  },
  PLAZA_PICTURE_HOSTS: {
    about:
      "Picture hosts that may have private addresses or non-standard ports, separated by commas: `nas.lan,pictures.lan:8443`. Any member can make Plaza send requests to them.",
    parse: optional(words),
    fallback: undefined,
  },
  PLAZA_SHOP_HOLD_SECONDS: {
    about: "How long goods stay reserved for an unpaid order, in seconds.",
    parse: wholeNumber,
    fallback: 259_200,
  },
  PLAZA_SHOP_MAX_UNPAID_ORDERS: {
    about: "The maximum number of unpaid orders per buyer; 0 for no limit.",
    parse: wholeNumber,
    fallback: 5,
  },
  PLAZA_SHOP_MAX_RESERVED_PIECES: {
    about:
      "The maximum quantity of one product that the unpaid orders of a buyer can reserve; 0 for no limit.",
    parse: wholeNumber,
    fallback: 20,
  },
  PLAZA_FRIENDS_DECLINE_PAUSE_SECONDS: {
    about:
      "How long a user must wait before another friend request to someone who has declined once, twice, …, in seconds, separated by commas. The last value applies to all further declines.",
    parse: wholeNumbers,
    fallback: Object.freeze([86_400, 604_800, 2_592_000, 31_536_000]),
  },
  DATABASE_URL: {
    about:
      "The PostgreSQL server to use instead of the embedded one. Each service has its own database there, named after the given one: `plaza` gives `plaza_auth`, `plaza_users`, …",
    parse: optional(text),
    fallback: undefined,
  },
  REDIS_URL: {
    about:
      "The Redis server for pub/sub between the processes of a service, instead of PostgreSQL, and for rate limits that gateways share. It stores nothing permanently: while it is down, updates arrive up to a second later, and each gateway counts on its own.",
    parse: optional(redisUrl),
    fallback: undefined,
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    about:
      "The URL to which traces are sent (OTLP over HTTP). If it is not set, none are recorded.",
    parse: optional(url),
    fallback: undefined,
  },
} satisfies Record<string, Setting<unknown>>;

/** Settings that exist once for each service: `PLAZA_POSTS_ADDRESS`, `PLAZA_POSTS_DATABASE_URL`, … */
export const serviceSettings = {
  ADDRESS: {
    about:
      "The URL of the service, if it runs in another process. Several, separated by commas, share the calls.",
    parse: urls,
  },
  DATABASE_URL: {
    about: "The PostgreSQL database of this service, used exactly as given.",
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
  throw new Error("must be a whole number, or several separated by commas");
}

function port(value: string): number {
  const number = wholeNumber(value);
  if (number > 65_535) throw new Error("must be a port number from 0 to 65535");
  return number;
}

function atLeast(length: number): (value: string) => string {
  return (value) => {
    if (value.length < length) throw new Error(`must be at least ${length} characters long`);
    return value;
  };
}

function redisUrl(value: string): string {
  if (!/^rediss?:\/\/./.test(value)) throw new Error("must be a redis:// or rediss:// URL");
  return value;
}

function url(value: string): string {
  if (!isHttpUrl(value)) throw new Error("must be an http:// or https:// URL");
  return value.replace(/\/$/, "");
}

function urls(value: string): readonly string[] {
  const entries = value.split(",").map((entry) => entry.trim());
  const wrong = entries.find((entry) => !isHttpUrl(entry));
  if (wrong === undefined) return Object.freeze(entries.map(url));
  throw new Error(
    `must be an http:// or https:// URL, or several separated by commas, not "${wrong}"`,
  );
}

const isHttpUrl = (value: string): boolean => /^https?:$/.test(URL.parse(value)?.protocol ?? "");
