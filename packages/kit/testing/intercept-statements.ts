import type { Pool, Tx } from "../db/database.ts";
import type { Db } from "../db/sql.ts";
import type { EventHandler } from "../events/event-handler.ts";
import type { Service } from "../runtime/service.ts";

/** A statement about to be sent, with its fragments inserted. */
export type Statement = {
  /** The text, with `$1`, `$2`, … where the arguments go. */
  readonly text: string;
  /** Parameters, and what the helpers `db(columns)` and `db(row)` made. */
  readonly args: readonly unknown[];
};

export type StatementRows = readonly Record<string, unknown>[];

/** Sends the statement, or a changed one, and resolves to its rows. It can be called more than once. */
export type RunStatement = (change?: Partial<Statement>) => Promise<StatementRows>;

/** Decides what is done instead of a statement; what it resolves to is the statement's result. */
export type StatementInterceptor = (
  statement: Statement,
  run: RunStatement,
) => Promise<StatementRows>;

/**
 * Makes a service whose statements pass through `intercept`: those of its own pool and transactions, and
 * those of the transactions in which its event handlers run. Texts given to `db.unsafe` do not pass through.
 */
export function withStatements(service: Service, intercept: StatementInterceptor): Service {
  const handlerOf = (handler: EventHandler): EventHandler => ({
    ...handler,
    handle: (tx, event) => handler.handle(interceptTag(tx, intercept), event),
  });
  return {
    ...service,
    create(deps) {
      const instance = service.create({ ...deps, db: interceptPool(deps.db, intercept) });
      const { eventHandlers = [] } = instance;
      return { ...instance, eventHandlers: eventHandlers.map(handlerOf) };
    },
  };
}

/** Sends every statement without the row and advisory locks that it takes. */
export const withoutLocks: StatementInterceptor = ({ text }, run) =>
  run({ text: stripLocks(text) });

/** The text of a statement without the row and advisory locks that it takes. */
export function stripLocks(text: string): string {
  return text
    .replace(/\bfor (?:no key update|update|key share|share)(?: nowait| skip locked)?\b/g, "")
    .replace(/\bpg_advisory_xact_lock(?:_shared)?\b/g, "");
}

function interceptPool(pool: Pool, intercept: StatementInterceptor): Pool {
  const begin = (...args: unknown[]): Promise<unknown> => {
    const work = args.pop() as (tx: Tx) => Promise<unknown>;
    const run = pool.begin as (...args: unknown[]) => Promise<unknown>;
    return run(...args, (tx: Tx) => work(interceptTag(tx, intercept)));
  };
  return new Proxy(interceptTag(pool, intercept), {
    get: (target, name) => (name === "begin" ? begin : Reflect.get(target, name)),
  });
}

function interceptTag<T extends Db>(db: T, intercept: StatementInterceptor): T {
  return new Proxy(db, {
    apply(target, self, [first, ...rest]: unknown[]) {
      return isTemplate(first)
        ? new InterceptedQuery(target, intercept, first, rest)
        : Reflect.apply(target as never, self, [first, ...rest]);
    },
  });
}

/** Sent when it is awaited, like a query of postgres.js; as an argument of another one it is a fragment. */
class InterceptedQuery implements PromiseLike<StatementRows> {
  readonly #db: Db;
  readonly #intercept: StatementInterceptor;
  readonly #texts: readonly string[];
  readonly #args: readonly unknown[];
  #result: Promise<StatementRows> | undefined;

  constructor(
    db: Db,
    intercept: StatementInterceptor,
    texts: readonly string[],
    args: readonly unknown[],
  ) {
    this.#db = db;
    this.#intercept = intercept;
    [this.#texts, this.#args] = InterceptedQuery.#flatten(texts, args);
  }

  // biome-ignore lint/suspicious/noThenProperty: queries of postgres.js are awaited too
  then<A = StatementRows, B = never>(
    onFulfilled?: ((rows: StatementRows) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#send().then(onFulfilled, onRejected);
  }

  catch<B>(onRejected: (reason: unknown) => B | PromiseLike<B>): Promise<StatementRows | B> {
    return this.#send().catch(onRejected);
  }

  finally(onSettled: () => void): Promise<StatementRows> {
    return this.#send().finally(onSettled);
  }

  #send(): Promise<StatementRows> {
    const text = this.#texts.reduce((before, part, index) => `${before}$${index}${part}`);
    const args = this.#args;
    // Sent within this call, so that statements which are awaited together keep their order.
    const run: RunStatement = (change) => {
      const parts = change?.text?.split(/\$\d+/) ?? this.#texts;
      const query = this.#db(toTemplate(parts), ...((change?.args ?? args) as never[]));
      return query.then((rows) => rows as unknown as StatementRows);
    };
    this.#result ??= this.#intercept({ text, args }, run);
    return this.#result;
  }

  /** Inserts the texts and arguments of fragments into those of the statement that has them as arguments. */
  static #flatten(
    texts: readonly string[],
    args: readonly unknown[],
  ): [texts: string[], args: unknown[]] {
    const flatTexts = [texts[0] ?? ""];
    const flatArgs: unknown[] = [];
    const append = (text: string): void => {
      flatTexts.push(`${flatTexts.pop()}${text}`);
    };
    for (const [index, arg] of args.entries()) {
      const next = texts[index + 1] ?? "";
      const fragments = Array.isArray(arg) ? arg : [arg];
      if (!(fragments[0] instanceof InterceptedQuery)) {
        flatArgs.push(arg);
        flatTexts.push(next);
        continue;
      }
      for (const fragment of fragments as InterceptedQuery[]) {
        append(` ${fragment.#texts[0]}`);
        flatTexts.push(...fragment.#texts.slice(1));
        flatArgs.push(...fragment.#args);
      }
      append(` ${next}`);
    }
    return [flatTexts, flatArgs];
  }
}

const isTemplate = (value: unknown): value is TemplateStringsArray =>
  Array.isArray(value) && "raw" in value;

function toTemplate(parts: readonly string[]): TemplateStringsArray {
  return Object.assign([...parts], { raw: parts });
}
