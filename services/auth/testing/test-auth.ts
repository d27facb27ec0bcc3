import { create } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import { type CallOptions, type Client, Code, ConnectError } from "@connectrpc/connect";
import { AuthService, type SignInResponse } from "@plaza/contract/auth/v1/auth";
import { BadRequestSchema, RetryInfoSchema } from "@plaza/contract/google/rpc/error_details";
import { type User, UserSchema, UserService } from "@plaza/contract/users/v1/users";
import { Fault } from "@plaza/kit/errors/fault";
import { toConnectError } from "@plaza/kit/rpc/error-mapping";
import { createStreamLogger, silentLogger } from "@plaza/kit/telemetry/log";
import { type StubService, stub, type TestPlaza, testPlaza } from "@plaza/kit/testing/plaza";
import { createContext, type ServiceContext } from "../context.ts";
import { argon2Hasher, type PasswordHasher } from "../crypto/password-hasher.ts";
import { defineAuthService } from "../main.ts";

/** A password that the rules allow. */
export const goodPassword = "correct battery 7";

/** The service under test, with a fast hasher that counts, a clock that can be moved, and a stub of users. */
export type TestAuth = {
  readonly plaza: TestPlaza;
  readonly hasher: CountingHasher;
  readonly users: StubUsers;
  /** Moves the clock. */
  advanceClock(ms: number): void;
  /** An anonymous client that calls from the network address. */
  clientAt(address: string): Client<typeof AuthService>;
  /** A new account, signed in. */
  newMember(options?: CallOptions): Promise<TestMember>;
  /** A new account with the role admin. */
  newAdmin(): Promise<TestMember>;
  /** Dependencies of the handlers, for calling use-cases directly. */
  context(): ServiceContext;
};

export type TestMember = {
  readonly id: string;
  readonly email: string;
  readonly nickname: string;
  readonly sessionId: string;
  readonly tokens: SignInResponse;
  /** Calls with this session. */
  readonly client: Client<typeof AuthService>;
};

/** Counts the passwords it hashes and checks; `before` runs ahead of each hash. */
export type CountingHasher = PasswordHasher & { count: number; before: () => Promise<void> };

/** A stub of users that keeps its profiles in memory. Its `before` and `after` hooks can make it fail. */
export class StubUsers {
  readonly profiles = new Map<string, { nickname: string; email: string }>();
  before: (method: string) => void | Promise<void> = () => undefined;
  after: (method: string) => void | Promise<void> = () => undefined;
  /** The Authorization header of the last GetUser. */
  authorization: string | null = null;

  get stub(): StubService {
    return stub(UserService, {
      createUser: ({ id, nickname, email }) =>
        this.#serve("createUser", () => {
          const owner = this.#byNickname(nickname);
          if (owner && owner !== id) throwFault("conflict", "NICKNAME_TAKEN");
          this.profiles.set(id, { nickname, email });
          return this.#user(id);
        }),
      getUser: ({ id }, context) =>
        this.#serve("getUser", () => {
          this.authorization = context.requestHeader.get("authorization");
          return this.#user(id);
        }),
      findUserByNickname: ({ nickname }) =>
        this.#serve("findUserByNickname", () => ({
          id: this.#byNickname(nickname) ?? throwFault("not_found", "NO_SUCH_USER"),
        })),
      discardUser: ({ id }) =>
        this.#serve("discardUser", () => {
          this.profiles.delete(id);
          return {};
        }),
    });
  }

  async #serve<T>(method: string, handle: () => T): Promise<T> {
    await this.before(method);
    const response = handle();
    await this.after(method);
    return response;
  }

  #byNickname(nickname: string): string | undefined {
    const wanted = nickname.toLowerCase();
    return [...this.profiles].find(([, one]) => one.nickname.toLowerCase() === wanted)?.[0];
  }

  #user(id: string): User {
    return create(UserSchema, {
      id,
      ...(this.profiles.get(id) ?? throwFault("not_found", "NO_SUCH_USER")),
    });
  }
}

/** Call inside `describe`. */
export function testAuth(): TestAuth {
  const hasher = countingHasher();
  const users = new StubUsers();
  let offsetMs = 0;
  const now = () => new Date(Date.now() + offsetMs);
  // A response hides the text of an internal error, so it is logged.
  const log = createStreamLogger(process.stderr, "error");
  const plaza = testPlaza({ services: [defineAuthService(hasher)], stubs: [users.stub], now, log });
  let memberCount = 0;

  const newMember = async (options?: CallOptions, roles = ["member"]): Promise<TestMember> => {
    memberCount += 1;
    const nickname = `member_${memberCount}`;
    const email = `${nickname}@example.org`;
    const tokens = await plaza
      .client(AuthService)
      .register({ email, nickname, password: goodPassword }, options);
    const id = tokens.user?.id ?? "";
    if (roles.includes("admin")) {
      await plaza.db("auth")`update account set roles = ${roles} where id = ${id}`;
    }
    const { sessionId } = await introspect(plaza, tokens.accessToken);
    const client = plaza.client(AuthService, { account: { id, sessionId, roles } });
    return { id, email, nickname, sessionId, tokens, client };
  };

  return {
    plaza,
    hasher,
    users,
    advanceClock: (ms) => {
      offsetMs += ms;
    },
    clientAt: (address) => withAddress(plaza.client(AuthService), address),
    newMember,
    newAdmin: () => newMember(undefined, ["member", "admin"]),
    context: () => {
      const client: Parameters<typeof createContext>[0]["client"] = (contract) =>
        plaza.host().client(contract, "auth");
      const deps = { db: plaza.db("auth"), client, now, newId: () => crypto.randomUUID() };
      return createContext(
        { ...deps, log: silentLogger, config: {} as never, pubsub: {} as never },
        hasher,
      );
    },
  };
}

/** argon2 with the cheapest parameters. */
function countingHasher(): CountingHasher {
  const real = argon2Hasher({ memoryKiB: 8, passes: 1 });
  const counting: CountingHasher = {
    count: 0,
    before: async () => {},
    hash: async (password: string) => {
      counting.count += 1;
      await counting.before();
      return real.hash(password);
    },
    verify: (password: string, stored: string | undefined) => {
      counting.count += 1;
      return real.verify(password, stored);
    },
    needsRehash: real.needsRehash,
  };
  return counting;
}

/** The fields of the violations in an error. */
export function violatedFields(error: ConnectError): string[] {
  const [request] = error.findDetails(BadRequestSchema);
  return request?.fieldViolations.map(({ field }) => field) ?? [];
}

/** The retry delay of an error, in milliseconds. */
export function retryAfterMs(error: ConnectError): number {
  const [info] = error.findDetails(RetryInfoSchema);
  return info?.retryDelay ? durationMs(info.retryDelay) : Number.NaN;
}

/** The error of a client whose service is unavailable. */
export function throwUnavailable(): never {
  throw new ConnectError("out of reach", Code.Unavailable);
}

async function introspect(plaza: TestPlaza, token: string) {
  return plaza.client(AuthService).introspect({ token, readMask: { paths: ["session_id"] } });
}

function withAddress(client: Client<typeof AuthService>, address: string): typeof client {
  const call =
    (name: string) =>
    (request: never, options: CallOptions = {}) => {
      const headers = { "plaza-address": address, ...options.headers };
      return (client as never as Record<string, (...args: unknown[]) => unknown>)[name]?.(request, {
        ...options,
        headers,
      });
    };
  return new Proxy(client, { get: (_, name) => call(String(name)) as never });
}

function throwFault(kind: "conflict" | "not_found", reason: string): never {
  throw toConnectError(new Fault(kind, reason, reason), "users.plaza");
}
