import type { Db } from "../db/database.ts";

/**
 * Dumps the schema of a database as text, one object on each line, in a fixed order: equal texts mean equal
 * schemas. It covers schemas, extensions, types, tables, columns, views, sequences, constraints, indexes,
 * triggers, rules, policies and functions; not the objects of extensions, the order of columns, data, comments,
 * owners and grants.
 */
export async function dumpSchema(db: Db): Promise<string> {
  const rows = await db<{ line: string }[]>`
    with own_schema as (
      select oid from pg_namespace where nspname !~ '^(pg_|information_schema)'
    ), of_extension as (
      select objid from pg_depend where deptype = 'e'
    ), own_class as (
      select * from pg_class
      where relnamespace in (select oid from own_schema) and oid not in (select objid from of_extension)
    )
    select line from (
      select 'schema ' || nspname as line from pg_namespace where oid in (select oid from own_schema)
      union all
      select 'extension ' || extname || ' ' || extversion from pg_extension
      union all
      ${typeLines(db)}
      union all
      ${relationLines(db)}
      union all
      ${dependentLines(db)}
      union all
      select 'function ' || pg_get_functiondef(oid) from pg_proc
      where prokind in ('f', 'p') and pronamespace in (select oid from own_schema)
        and oid not in (select objid from of_extension)
    ) as lines
    order by line collate "C"`;
  return rows.map(({ line }) => line).join("\n");
}

const typeLines = (db: Db) => db`
  select 'enum ' || oid::regtype || ' ' || (
    select string_agg(quote_literal(enumlabel), ', ' order by enumsortorder)
    from pg_enum where enumtypid = pg_type.oid)
  from pg_type where typtype = 'e' and typnamespace in (select oid from own_schema)
    and oid not in (select objid from of_extension)
  union all
  select 'domain ' || oid::regtype || ' ' || format_type(typbasetype, typtypmod)
    || case when typnotnull then ' not null' else '' end || ' default ' || coalesce(typdefault, '')
  from pg_type where typtype = 'd' and typnamespace in (select oid from own_schema)
    and oid not in (select objid from of_extension)`;

const relationLines = (db: Db) => db`
  select concat_ws(' ', 'relation', relkind, oid::regclass, relpersistence, reloptions::text,
    relrowsecurity, pg_get_partkeydef(oid), pg_get_expr(relpartbound, oid),
    case when relkind in ('v', 'm') then pg_get_viewdef(oid) end)
  from own_class where relkind <> 'i'
  union all
  select concat_ws(' ', 'column', attrelid::regclass, attname,
    format_type(atttypid, atttypmod), 'not null', attnotnull, 'identity', attidentity,
    'generated', attgenerated, 'collation', attcollation::regcollation,
    'default', pg_get_expr(adbin, adrelid))
  from pg_attribute
  join own_class on own_class.oid = attrelid and relkind <> 'i'
  left join pg_attrdef on adrelid = attrelid and adnum = attnum
  where attnum > 0 and not attisdropped
  union all
  select concat_ws(' ', 'sequence', seqrelid::regclass, format_type(seqtypid, null), seqstart,
    seqincrement, seqmin, seqmax, seqcycle)
  from pg_sequence join own_class on own_class.oid = seqrelid`;

const dependentLines = (db: Db) => db`
  select concat_ws(' ', 'constraint', conrelid::regclass, contypid::regtype, conname,
    pg_get_constraintdef(oid))
  from pg_constraint where connamespace in (select oid from own_schema)
  union all
  select 'index ' || pg_get_indexdef(oid) from own_class where relkind = 'i'
  union all
  select 'trigger ' || pg_get_triggerdef(pg_trigger.oid) || ' ' || tgenabled::text
  from pg_trigger join own_class on own_class.oid = tgrelid where not tgisinternal
  union all
  select 'rule ' || pg_get_ruledef(pg_rewrite.oid)
  from pg_rewrite join own_class on own_class.oid = ev_class where rulename <> '_RETURN'
  union all
  select concat_ws(' ', 'policy', polrelid::regclass, polname, polcmd, polpermissive,
    pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
  from pg_policy join own_class on own_class.oid = polrelid`;
