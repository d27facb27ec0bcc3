import { randomBytes, randomUUID } from "node:crypto";
import { after, before } from "node:test";
import type { DescService } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl, Transport } from "@connectrpc/connect";
import { AuthService, SessionKind } from "@plaza/contract/auth/v1/auth";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { ShopService } from "@plaza/contract/shop/v1/shop";
import { UserService } from "@plaza/contract/users/v1/users";
import { readConfig } from "@plaza/kit/config";
import { Fault } from "@plaza/kit/errors/fault";
import { createAuthenticator } from "@plaza/kit/identity/authenticator";
import { callerOf } from "@plaza/kit/identity/caller";
import type { AdmissionQueue } from "@plaza/kit/overload/admission-queue";
import { createLocalTransport } from "@plaza/kit/rpc/local-transport";
import { methodName } from "@plaza/kit/rpc/method-name";
import { withMiddleware } from "@plaza/kit/rpc/pipeline";
import { withServiceIdentity } from "@plaza/kit/rpc/service-transport";
import { silentLogger } from "@plaza/kit/telemetry/log";
import { deepFreeze, testTokens } from "@plaza/kit/testing/plaza";
import { createGateway, type Gateway } from "../gateway.ts";

/** The id of the only account. */
export const memberId = "01900000-0000-7000-8000-000000000001";

/** The id of a post; the stub of posts has one of every id. */
export const postId = "01900000-0000-7000-8000-0000000000aa";

/** What a test may change about the gateway and the services behind it. */
export type TestGatewayOptions = {
  readonly posts?: Partial<ServiceImpl<typeof PostService>>;
  readonly users?: Partial<ServiceImpl<typeof UserService>>;
  /** The shop is there only if given. */
  readonly shop?: Partial<ServiceImpl<typeof ShopService>>;
  readonly problems?: () => string[];
  readonly admissionQueue?: AdmissionQueue;
  readonly now?: () => number;
  readonly detectionTimeoutMs?: number;
  /** A service of the test's own, and the transport to it. */
  readonly extraService?: { readonly contract: DescService; readonly transport: () => Transport };
};

/** A gateway under test on a real socket, with stubbed services behind it. */
export type TestGateway = {
  url(): string;
  port(): number;
  gateway(): Gateway;
  /** Calls that services have received: full method names and request headers. */
  readonly calls: { name: string; headers: Record<string, string> }[];
  /** Account ids by session secret. */
  readonly sessions: Map<string, string>;
  /** Creates a session. Returns its secret. */
  signIn(): string;
};

/** Runs a gateway for the suite in which it is called; `env` are its environment variables. */
export function testGateway(
  env: Readonly<Record<string, string>> = {},
  options: TestGatewayOptions & { readonly webDir?: string } = {},
): TestGateway {
  const sessions = new Map([[extendedSessionSecret, memberId]]);
  const calls: TestGateway["calls"] = [];
  const signIn = () => {
    const secret = randomBytes(16).toString("base64url");
    sessions.set(secret, memberId);
    return secret;
  };
  const tokens = testTokens();
  const services = [
    { contract: AuthService, implementation: stubAuth(sessions, signIn, tokens.sign) },
    { contract: UserService, implementation: { ...stubUsers(sessions), ...options.users } },
    { contract: PostService, implementation: { ...stubPosts, ...options.posts } },
    ...(options.shop ? [{ contract: ShopService, implementation: { ...options.shop } }] : []),
  ];
  const host = stubHost(services, tokens.keys, calls, options);
  let gateway: Gateway | undefined;
  let at = { url: "", port: 0 };

  before(async () => {
    gateway = createGateway({
      host,
      contracts: [...services, ...(options.extraService ? [options.extraService] : [])].map(
        ({ contract }) => contract,
      ),
      config: readConfig({ PLAZA_PORT: "0", PLAZA_RATE_LIMIT: "0", ...env }),
      log: silentLogger,
      ...(options.webDir && { webDir: options.webDir }),
      ...(options.admissionQueue && { admissionQueue: options.admissionQueue }),
      ...(options.now && { now: options.now }),
      ...(options.detectionTimeoutMs && { detectionTimeoutMs: options.detectionTimeoutMs }),
    });
    const { port } = await gateway.listen();
    at = { url: `http://127.0.0.1:${port}`, port };
  });
  after(() => gateway?.close());

  return {
    url: () => at.url,
    port: () => at.port,
    gateway: () => gateway ?? throwNotStarted(),
    calls,
    sessions,
    signIn,
  };
}

function throwNotStarted(): never {
  throw new Error("the gateway is up in tests and hooks only");
}

type StubbedService = { contract: DescService; implementation: Record<string, unknown> };

function stubHost(
  services: readonly StubbedService[],
  fetchJwks: Parameters<typeof createAuthenticator>[0]["fetchJwks"],
  calls: TestGateway["calls"],
  { problems = () => [], extraService }: TestGatewayOptions,
) {
  const identity = createAuthenticator({ serviceKey: randomUUID(), fetchJwks });
  const hosted = services.map(({ contract, implementation }) => {
    const complete = recordingImplementation(contract, implementation, calls);
    const steps = { authenticate: identity.authenticate, log: silentLogger };
    return { contract, implementation: withMiddleware(contract, complete, steps) };
  });
  const transport = createLocalTransport(hosted, { inspect: deepFreeze });
  return {
    readinessProblems: async () => problems(),
    transport(contract: DescService, as?: string) {
      if (contract.typeName === extraService?.contract.typeName) return extraService.transport();
      return as === undefined
        ? transport
        : withServiceIdentity(() => identity.serviceToken(as), transport);
    },
  };
}

/** The secret of a session that auth extends at each use. */
export const extendedSessionSecret = "a-session-that-is-extended";

/** Records each call, and throws UNIMPLEMENTED where the stub has no handler. */
function recordingImplementation(
  contract: DescService,
  partial: Record<string, unknown>,
  calls: TestGateway["calls"],
) {
  const complete: Record<string, unknown> = {};
  for (const method of contract.methods) {
    const { localName } = method;
    const handler = partial[localName] as ((...call: unknown[]) => unknown) | undefined;
    complete[localName] = (request: unknown, context: HandlerContext) => {
      const headers = Object.fromEntries(context.requestHeader);
      calls.push({ name: methodName(method), headers });
      if (handler) return handler(request, context);
      throw new Fault("unimplemented", "NOT_STUBBED", `${method.name} is not stubbed`);
    };
  }
  return complete as ServiceImpl<DescService>;
}

function stubAuth(
  sessions: Map<string, string>,
  signIn: () => string,
  sign: ReturnType<typeof testTokens>["sign"],
): Partial<ServiceImpl<typeof AuthService>> {
  return {
    login({ session, password }, { responseHeader }) {
      if (password !== "right") {
        throw new Fault("unauthenticated", "WRONG_CREDENTIALS", "unknown, or the wrong password");
      }
      const secret = signIn();
      if (session !== SessionKind.COOKIE) return { accessToken: secret, expiresIn: 600 };
      responseHeader.set("plaza-session", secret);
      responseHeader.set("plaza-secret-of-ours", "nobody's business");
      return { expiresIn: 3_600 };
    },
    logout(_, context) {
      const { account } = callerOf(context);
      for (const [secret, id] of sessions) if (id === account?.id) sessions.delete(secret);
      context.responseHeader.set("plaza-session", "");
      return {};
    },
    async resolveSession({ credential }) {
      const id = sessions.get(credential);
      if (!id) throw new Fault("unauthenticated", "INVALID_SESSION", "no such session");
      const cookieMaxAge = credential === extendedSessionSecret ? 7_200 : 0;
      return { accessToken: await sign({ id }), accountId: id, cookieMaxAge };
    },
    listSessions: () => ({ sessions: [] }),
    getJwks: () => ({ keys: [{ kty: "OKP", crv: "Ed25519", kid: "test" }] }),
  };
}

function stubUsers(sessions: Map<string, string>): Partial<ServiceImpl<typeof UserService>> {
  return {
    deleteUser() {
      sessions.clear();
      return {};
    },
    findUserByNickname: () => ({ id: memberId }),
  };
}

const stubPosts: Partial<ServiceImpl<typeof PostService>> = {
  getPost: ({ id }, context) => ({ id, authorId: callerOf(context).account?.id ?? "nobody" }),
  createPost: ({ title, body }, context) => ({
    title,
    body,
    authorId: callerOf(context).account?.id ?? "nobody",
  }),
  listPosts: () => ({ posts: [] }),
};
