import type { DescField, DescMessage, JsonValue, Registry, ScalarType } from "@bufbuild/protobuf";
import { hasCustomJsonRepresentation, isWrapperDesc } from "@bufbuild/protobuf/wkt";

/** What holds a value in JSON: an object, or a list, whose keys are its indices. */
export type JsonHolder = Record<string | number, JsonValue>;

/** Looks at a value, which it may replace. Returns what is wrong with it, or nothing. */
export type JsonVisit<Context> = (
  holder: JsonHolder,
  key: string | number,
  context: Context & JsonWalk,
) => string | undefined;

/** What is looked at: the values of scalar types and well-known messages, and the keys of maps. */
export type JsonVisits<Context> = {
  values: ReadonlyMap<ScalarType | string, JsonVisit<Context>>;
  /** Returns what is wrong with a key, or nothing. */
  mapKeys?: ReadonlyMap<ScalarType, (key: string) => string | undefined>;
};

/** A walk in progress. */
export type JsonWalk = {
  registry: Registry | undefined;
  /** How many more messages may be nested; what is deeper is left alone. */
  depthLeft: number;
  /** The names, indices and map keys that lead to the value. */
  readonly trail: (string | number)[];
  readonly report: (path: string, problem: string) => void;
};

type FieldPlan<Context> = {
  field: DescField;
  visit: JsonVisit<Context> | undefined;
  visitKey: ((key: string) => string | undefined) | undefined;
};
type MessagePlan<Context> = Map<string, FieldPlan<Context>>;

export type JsonWalker<Context> = {
  /** Walks through the JSON of a message, which may be a well-known one. */
  walkMessage: (
    message: DescMessage,
    holder: JsonHolder,
    key: string,
    walk: Context & JsonWalk,
  ) => void;
  walkField: (field: DescField, holder: JsonHolder, key: string, walk: Context & JsonWalk) => void;
};

/** Creates a walker through the JSON of messages. Fields that cannot hold what is looked at cost nothing. */
export function createJsonWalker<Context>({
  values,
  mapKeys,
}: JsonVisits<Context>): JsonWalker<Context> {
  type Walk = Context & JsonWalk;
  const messagePlans = new WeakMap<DescMessage, MessagePlan<Context>>();
  const messageVisits = new WeakMap<DescMessage, JsonVisit<Context> | undefined>();

  function messagePlan(message: DescMessage): MessagePlan<Context> {
    const known = messagePlans.get(message);
    if (known) return known;
    const plan: MessagePlan<Context> = new Map();
    messagePlans.set(message, plan);
    for (const field of message.fields) {
      const one = fieldPlan(field);
      if (one.visit || one.visitKey) plan.set(field.jsonName, one).set(field.name, one);
    }
    return plan;
  }

  function fieldPlan(field: DescField): FieldPlan<Context> {
    const visitKey = field.fieldKind === "map" ? mapKeys?.get(field.mapKey) : undefined;
    return { field, visit: visitOf(field), visitKey };
  }

  function visitOf({
    scalar,
    message,
  }: Pick<DescField, "scalar" | "message">): JsonVisit<Context> | undefined {
    if (scalar !== undefined) return values.get(scalar);
    return message && visitOfMessage(message);
  }

  function visitOfMessage(message: DescMessage): JsonVisit<Context> | undefined {
    if (isWrapperDesc(message)) return visitOf(message.fields[0]);
    if (message.typeName === "google.protobuf.Any") return visitAny;
    if (hasCustomJsonRepresentation(message)) return values.get(message.typeName);
    if (!messageVisits.has(message)) {
      const visit: JsonVisit<Context> = (holder, key, walk) => {
        walkFields(message, holder[key], walk);
        return undefined;
      };
      messageVisits.set(message, isOfInterest(message, new Set()) ? visit : undefined);
    }
    return messageVisits.get(message);
  }

  function isOfInterest(message: DescMessage, seen: Set<DescMessage>): boolean {
    if (seen.has(message)) return false;
    seen.add(message);
    return message.fields.some((field) => {
      if (field.fieldKind === "map" && mapKeys?.has(field.mapKey)) return true;
      const { message: inner } = field;
      const isOpened = inner && !hasCustomJsonRepresentation(inner);
      return isOpened ? isOfInterest(inner, seen) : visitOf(field) !== undefined;
    });
  }

  function visitAny(holder: JsonHolder, key: string | number, walk: Walk): undefined {
    const json = holder[key];
    const typeUrl = isObject(json) ? json["@type"] : undefined;
    if (!isObject(json) || typeof typeUrl !== "string" || walk.depthLeft <= 0) return;
    const message = walk.registry?.getMessage(typeUrl.slice(typeUrl.lastIndexOf("/") + 1));
    if (!message) return;
    walk.depthLeft--;
    if (!hasCustomJsonRepresentation(message)) walkFields(message, json, walk);
    else if ("value" in json) visitValue(visitOfMessage(message), json, "value", walk);
    walk.depthLeft++;
  }

  function walkFields(message: DescMessage, json: JsonValue | undefined, walk: Walk): void {
    if (!isObject(json) || walk.depthLeft <= 0) return;
    const plan = messagePlan(message);
    if (plan.size === 0) return;
    walk.depthLeft--;
    for (const key of Object.keys(json)) {
      const one = plan.get(key);
      if (one) walkPlanned(one, json, key, walk);
    }
    walk.depthLeft++;
  }

  function walkPlanned(
    plan: FieldPlan<Context>,
    holder: JsonHolder,
    key: string,
    walk: Walk,
  ): void {
    const { field, visit, visitKey } = plan;
    const value = holder[key];
    if (field.fieldKind === "list") {
      if (!Array.isArray(value)) return;
      walk.trail.push(field.name);
      for (let i = 0; i < value.length; i++) visitValue(visit, value as never, i, walk);
      walk.trail.pop();
    } else if (field.fieldKind !== "map") {
      visitValue(visit, holder, key, walk, field.name);
    } else if (isObject(value)) {
      walk.trail.push(field.name);
      for (const name of Object.keys(value)) {
        const problem = visitKey?.(name);
        if (problem !== undefined) walk.report(formatTrail(walk.trail), problem);
        else visitValue(visit, value, name, walk, `[${JSON.stringify(name)}]`);
      }
      walk.trail.pop();
    }
  }

  function visitValue(
    visit: JsonVisit<Context> | undefined,
    holder: JsonHolder,
    key: string | number,
    walk: Walk,
    step: string | number = key,
  ): void {
    if (!visit) return;
    walk.trail.push(step);
    const problem = visit(holder, key, walk);
    if (problem !== undefined) walk.report(formatTrail(walk.trail), problem);
    walk.trail.pop();
  }

  return {
    walkMessage: (message, holder, key, walk) =>
      visitValue(visitOfMessage(message), holder, key, walk, ""),
    walkField: (field, holder, key, walk) => walkPlanned(fieldPlan(field), holder, key, walk),
  };
}

function formatTrail(trail: readonly (string | number)[]): string {
  return trail
    .map((step) => (typeof step === "number" ? `[${step}]` : step))
    .reduce(
      (path, step) => (path === "" || step.startsWith("[") ? path + step : `${path}.${step}`),
      "",
    );
}

function isObject(value: JsonValue | undefined): value is Record<string, JsonValue> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
