// `npm run names`: fails on file names and exported names that the glossary has replaced. Each entry names the
// field's term; docs/architecture.md defines those of Plaza.
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./setup.mjs";

/** Words that no file name and no exported name contains, and what to say instead. */
const replacedWords = {
  allowance: "token bucket",
  announce: "publish",
  announcement: "event",
  asked: "request",
  burn: "clear",
  busyness: "utilization",
  carried: "cookie field",
  carrier: "backend",
  cast: "fixtures",
  claim: "lease",
  claimed: "lease",
  credulous: "permissive",
  crowd: "workload, subscribers",
  door: "protocol client",
  follows: "event handlers",
  foresee: "apply optimistic",
  former: "deleted",
  growing: "byte buffer",
  guess: "attempt",
  guesses: "login attempts",
  heard: "received",
  insist: "retry",
  judge: "check",
  letter: "pending message",
  letters: "pending messages",
  market: "workload",
  meet: "barrier, run workload",
  mingle: "run client",
  moment: "timestamp, presence",
  moments: "presence",
  mortal: "cluster",
  naive: "faulty",
  oracle: "conformance",
  outgoing: "request writer",
  outside: "public",
  patient: "with deadline",
  people: "users, members",
  plant: "seed",
  planted: "seeded faults",
  plants: "seeded faults",
  player: "test user",
  rendezvous: "barrier",
  said: "message",
  scene: "scenario",
  settle: "retry",
  shedding: "load shedder",
  stall: "faulty cluster",
  standing: "membership",
  standings: "memberships",
  stay: "membership",
  stays: "memberships",
  surface: "exposed methods",
  tally: "counters",
  timekeeper: "keepalive monitor",
  told: "delivered, log entry",
  town: "cluster",
  unfinished: "receive budget",
  unreadable: "decode error",
  victims: "kill targets",
};

/** Whole names, of files without their ending and of exports, and what to say instead. */
const replacedNames = {
  admit: "admission",
  ask: "request",
  "at-most": "stream-timeout",
  atMost: "withTimeout",
  attempts: "retrying-call",
  badIntegers: "invalidInt64Fields",
  caches: "cache-invalidation",
  catchUp: "drain",
  chain: "pipeline",
  climb: "checkMigration",
  cut: "decreaseFactor",
  Directory: "ServiceRegistry",
  directory: "service-registry",
  "embedded-owner": "os-user",
  encoded: "encodeOnce",
  enough: "targetUtilization",
  "fan-out": "pubsub",
  FanOut: "PubSub",
  Follow: "EventHandler",
  follow: "onEvent, consumer",
  Follower: "Subscriber, Consumer",
  forward: "propagate, upstream-client",
  givesRaw: "returnsHttpBody",
  "http2-as-http1": "h2c-bridge",
  late: "deadlineExceeded",
  live: "require-session",
  load: "admission-queue",
  "load-limit": "concurrency-limit",
  "lock-people": "advisory-locks",
  lockPeople: "lockUsers",
  mask: "field-mask",
  "method-kind": "method-cardinality",
  most: "a noun with its unit",
  networkOf: "clientNetwork",
  nobodyNamed: "userRequired",
  onlyOf: "expectSingleMessage",
  origin: "csrf, client-info",
  outcomeOf: "statusName",
  overruled: "serialization failure",
  page: "pagination",
  Parts: "ServiceContext",
  parts: "context",
  Place: "Slot",
  place: "slot",
  queries: "createSql",
  raw: "raw-socket",
  recent: "memoize-ttl",
  "recent-hashes": "bloom-filter",
  refusal: "public-error",
  refusalFor: "toPublicError",
  rememberedKeys: "cachedJwks",
  "request-key": "idempotency-key",
  RequestKey: "IdempotencyKey",
  Running: "ServiceInstance",
  "schema-text": "schema-dump",
  shared: "broadcastMessage",
  signals: "presence",
  stairway: "testMigrations",
  "start-error": "operator-error",
  StartError: "OperatorError",
  takesMany: "isClientStreaming",
  takesRaw: "acceptsHttpBody",
  takeStep: "applyTransition",
  "take-step": "apply-transition",
  Target: "ConnectionConfig, ThrottleKey, FieldPath",
  tellsMany: "isServerStreaming",
  "token-keys": "jwks",
  trace: "spans",
  translate: "error-mapping, toConnectError",
  Unit: "RunningService",
  unit: "running-service",
  Verdict: "CheckResult",
  whileAway: "releaseWhile",
  "whole-messages": "envelopes",
  wholeMessages: "splitEnvelopes",
  "wide-integers": "int64-json",
  wire: "mappers",
};

/** Exported once in the repository, if at all: each was exported with several meanings. */
const exportedOnce = [
  "Action",
  "Answer",
  "Call",
  "Entry",
  "Kind",
  "Limit",
  "Owner",
  "Said",
  "Step",
];

const files = globSync(
  "{packages,services,apps,test,bench,chaos,peers,scripts}/**/*.{ts,tsx,mjs}",
  {
    cwd: root,
    exclude: (name) => ["node_modules", "dist", "gen", "template"].includes(name),
  },
);
const declaration =
  /^export (?:default )?(?:declare )?(?:abstract )?(?:async )?(?:function\*?|class|const|let|type|interface|enum) ([\w$]+)/gm;

const faults = [];
const exporters = new Map(exportedOnce.map((name) => [name, []]));
for (const file of files) {
  const stem = path.basename(file).replace(/(\.d)?(\.test)?\.\w+$/, "");
  check(stem, stem.split("-"), file);
  for (const [, name] of readFileSync(path.join(root, file), "utf8").matchAll(declaration)) {
    check(name, wordsOf(name), `${file}: ${name}`);
    exporters.get(name)?.push(file);
  }
}
for (const [name, places] of exporters) {
  if (places.length > 1)
    faults.push(`${name} is exported ${places.length} times: ${places.join(", ")}`);
}

/** The words of a name in camel case, in lower case. */
function wordsOf(name) {
  return (name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? []).map((word) => word.toLowerCase());
}

function check(name, words, place) {
  if (Object.hasOwn(replacedNames, name)) faults.push(`${place}: use ${replacedNames[name]}`);
  for (const word of words) {
    if (Object.hasOwn(replacedWords, word)) faults.push(`${place}: use ${replacedWords[word]}`);
  }
}

process.stdout.write(faults.map((fault) => `${fault}\n`).join(""));
process.exit(faults.length === 0 ? 0 : 1);
