import type { ServiceContext } from "../context.ts";
import type { PaymentProvider } from "../domain/payment-provider.ts";

/** The life of a process, in steps: after the last one every statement, and every call of a provider, fails. */
export class Lifetime {
  #stepsLeft: number;

  constructor(steps: number) {
    this.#stepsLeft = steps;
  }

  /** The context of a process with this life. A provider's answer is a step, too. */
  limit(context: ServiceContext): ServiceContext {
    const providerOf = (name: string) => this.#limitProvider(context.providerOf(name));
    return { ...context, db: this.#limitPool(context.db), providerOf };
  }

  #step(): void {
    this.#stepsLeft -= 1;
    if (this.#stepsLeft < 0) throw new Error("killed");
  }

  #limitPool(pool: ServiceContext["db"]): ServiceContext["db"] {
    const begin = (work: (tx: never) => Promise<unknown>) =>
      pool.begin((tx) => work(this.#limitTag(tx) as never));
    return new Proxy(this.#limitTag(pool), {
      get: (target, name) => (name === "begin" ? begin : Reflect.get(target, name)),
    });
  }

  #limitTag<T extends object>(tag: T): T {
    return new Proxy(tag, {
      apply: (target, self, args: unknown[]) => {
        if (Array.isArray(args[0]) && "raw" in args[0]) this.#step();
        return Reflect.apply(target as never, self, args);
      },
    });
  }

  #limitProvider(provider: PaymentProvider): PaymentProvider {
    const limit =
      <T>(call: (request: T, signal: AbortSignal) => ReturnType<PaymentProvider["confirm"]>) =>
      async (request: T, signal: AbortSignal) => {
        this.#step();
        const result = await call(request, signal);
        this.#step();
        return result;
      };
    return { ...provider, confirm: limit(provider.confirm), refund: limit(provider.refund) };
  }
}
