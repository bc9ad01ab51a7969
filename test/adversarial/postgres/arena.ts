// Where attacks take place: a shop with canaries in masked columns, policies that deny, hold and mask, and
// clients that keep every byte. A canary in any byte that a masked client received is a leak.

import { join } from 'node:path';

import { callControl, controlSocket } from '#control';

import { eventually } from '../../support/eventually.ts';
import type { PolicyTexts } from '../../support/gateway.ts';
import { TestGateway } from '../../support/gateway.ts';
import type { RawClientOptions } from './raw-client.ts';
import { RawClient } from './raw-client.ts';

/** In every masked column and nowhere else. */
export const canary = 'kanarienvogel';
export const canaryNumber = 4815162342n;

/** Names a masked column by what the policy calls it; `mallory` is masked, `ada` is not. */
const masks = `
mask contains {"column": "public.users.email", "strategy": "fixed"} if masked
mask contains {"column": "public.users.salary", "strategy": "null"} if masked
mask contains {"column": "public.users.nick", "strategy": "fixed"} if masked
mask contains {"column": "public.events.payload", "strategy": "fixed"} if masked
mask contains {"column": "public.people.email", "strategy": "fixed"} if masked
mask contains {"column": "public.moving.email", "strategy": "fixed"} if masked

masked if "masked" in input.principal.groups
`;

export const policyOf = (extra: string): PolicyTexts => ({
  'arena.rego': `package rules.postgres.arena

import rego.v1

allow contains "who is in no rule may do everything"

deny contains "the ledger is closed" if {
	some relation in input.statement.relations
	relation.name == "public.ledger"
}

deny contains "a closed function" if {
	some name in {"public.danger", "public.fill_ledger"}
	name in input.statement.functions
}

deny contains "no TRUNCATE" if input.statement.command == "TRUNCATE"

approve contains {"id": "no-where", "msg": "DELETE without WHERE", "groups": ["dba"], "ttl": "60s"} if {
	input.statement.command == "DELETE"
	not input.statement.where
}

approve contains {"id": "reveal", "msg": "a revealing function", "groups": ["dba"], "ttl": "60s"} if {
	"public.reveal" in input.statement.functions
}

approve contains {"id": "brief", "msg": "held briefly", "groups": ["dba"], "ttl": "1s"} if {
	some relation in input.statement.relations
	relation.name == "public.brief"
}
${extra}`,
});

export const maskingPolicy = policyOf(masks);
export const clearPolicy = policyOf('');

const secret = `${canary}-1`;
const setup = `
CREATE TABLE users (id int PRIMARY KEY, name text, email text UNIQUE, salary bigint, nick varchar(40),
  active boolean DEFAULT true, shout text GENERATED ALWAYS AS (upper(email)) STORED);
CREATE TABLE orders (id int PRIMARY KEY, user_id int, total numeric, note text, at timestamptz DEFAULT now());
CREATE TABLE ledger (id serial, entry text);
CREATE TABLE brief (id int);
CREATE TABLE scratch (id int, t text);
CREATE TABLE drop_box (id serial, t text);
CREATE TABLE moving (id int, name text, email text);
CREATE TABLE people (id int, email text);
CREATE TABLE staff (desk text) INHERITS (people);
CREATE TABLE events (id int, payload text) PARTITION BY RANGE (id);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (100);
CREATE VIEW users_view AS SELECT id, name, email FROM users;
CREATE VIEW users_view_2 AS SELECT id, email AS e FROM users_view;
CREATE MATERIALIZED VIEW users_kept AS SELECT id, email FROM users;
CREATE VIEW people_plain AS SELECT id, email FROM people;
CREATE VIEW people_loud AS SELECT id, upper(email) AS shout, email || '!' AS email FROM people;
CREATE VIEW people_all AS SELECT id, email FROM people UNION ALL SELECT id, payload FROM events;
CREATE VIEW people_found AS SELECT p.id FROM people p JOIN scratch s ON s.t = p.email;
CREATE MATERIALIZED VIEW people_loud_kept AS SELECT * FROM people_loud;
CREATE VIEW harmless AS SELECT id, note FROM orders;
CREATE VIEW later AS SELECT id, note FROM orders;
CREATE SCHEMA other;
CREATE TABLE other.users (id int, name text, email text, salary bigint);
INSERT INTO users SELECT i, 'name ' || i, '${canary}-' || i, ${canaryNumber}, '${canary}' FROM generate_series(1, 50) i;
INSERT INTO orders SELECT i, i % 50 + 1, i * 1.5, 'note ' || i FROM generate_series(1, 200) i;
INSERT INTO moving SELECT i, 'name ' || i, '${canary}-' || i FROM generate_series(1, 5) i;
INSERT INTO people VALUES (1, '${secret}'); INSERT INTO staff VALUES (2, '${secret}', 'north');
INSERT INTO events VALUES (1, '${secret}');
REFRESH MATERIALIZED VIEW users_kept;
REFRESH MATERIALIZED VIEW people_loud_kept;
CREATE FUNCTION shout_users() RETURNS text LANGUAGE plpgsql AS
  $$ BEGIN RAISE NOTICE 'saw %', (SELECT email FROM public.users LIMIT 1); RETURN 'x'; END $$;
CREATE FUNCTION leak_users() RETURNS SETOF text LANGUAGE sql AS 'SELECT email FROM public.users';
CREATE FUNCTION initcap(text, int) RETURNS text LANGUAGE sql AS 'SELECT max(email) FROM public.users';
CREATE FUNCTION open_users() RETURNS refcursor LANGUAGE plpgsql AS
  $$ DECLARE c refcursor := 'opened'; BEGIN OPEN c FOR SELECT email FROM public.users; RETURN c; END $$;
CREATE FUNCTION relax() RETURNS text LANGUAGE plpgsql AS
  $$ BEGIN PERFORM set_config('standard_conforming_strings', 'off', false); RETURN 'relaxed'; END $$;
CREATE FUNCTION reveal() RETURNS text LANGUAGE sql AS 'SELECT max(email) FROM public.users';
CREATE FUNCTION fill_ledger() RETURNS text LANGUAGE sql SECURITY DEFINER AS
  'INSERT INTO public.ledger (entry) VALUES ($$called$$) RETURNING entry';
CREATE FUNCTION complain() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'not %', OLD.email USING ERRCODE = 'insufficient_privilege'; END $$;
CREATE TRIGGER complaining BEFORE UPDATE ON users FOR EACH ROW WHEN (NEW.name = 'complain') EXECUTE FUNCTION complain();
CREATE TABLE deferred (id int, email text, CONSTRAINT d UNIQUE (id) DEFERRABLE INITIALLY DEFERRED);
CREATE FUNCTION note_later() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE WARNING 'late %', (SELECT email FROM public.users LIMIT 1); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON users DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.name = 'late') EXECUTE FUNCTION note_later();
DO $$ DECLARE r record; BEGIN
  FOR r IN SELECT c.relname, c.relkind, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('public', 'other') AND c.relkind IN ('r', 'p', 'v', 'm') LOOP
    EXECUTE format('ALTER %s %I.%I OWNER TO gateway',
      CASE r.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END, r.nspname, r.relname);
  END LOOP; END $$;
ALTER SCHEMA other OWNER TO gateway;
ALTER SCHEMA public OWNER TO gateway;
`;

export interface Held {
  readonly id: string;
  readonly statement: string;
}

export type Who = 'ada' | 'mallory' | 'temp';

export class Arena implements AsyncDisposable {
  readonly gateway: TestGateway;
  #watched: RawClient[] = [];

  private constructor(gateway: TestGateway) {
    this.gateway = gateway;
  }

  static async open(): Promise<Arena> {
    const gateway = await TestGateway.start({
      policies: maskingPolicy,
      principals: {
        ada: { groups: ['engineering'] },
        mallory: { groups: ['masked'] },
        temp: { groups: ['engineering'] },
        dora: { groups: ['dba'] },
      },
      allowPlaintextClients: true,
      server: { setup: [setup] },
    });
    return new Arena(gateway);
  }

  options(who: Who = 'mallory'): RawClientOptions {
    const { port } = this.gateway;
    return { port, user: who, password: this.gateway.token(who), database: 'shop' };
  }

  /** A client for whom columns are masked; `leaks` looks at all that it received. */
  async masked(startup?: RawClientOptions['startup']): Promise<RawClient> {
    const client = await RawClient.login({
      ...this.options(),
      ...(startup === undefined ? {} : { startup }),
    });
    this.watch(client);
    return client;
  }

  /** A client who sees everything; nobody looks at what it received. */
  async clear(who: Who = 'ada'): Promise<RawClient> {
    return RawClient.login(this.options(who));
  }

  watch(client: RawClient): void {
    this.#watched.push(client);
  }

  /** Past the gateway, as superuser. */
  async server(sql: string): Promise<readonly (readonly unknown[])[]> {
    const rows = await this.gateway.postgres.query(sql);
    return rows.map((row) => Object.values(row));
  }

  async count(table: string): Promise<number> {
    const rows = await this.server(`SELECT count(*)::int FROM ${table}`);
    return Number(rows[0]?.[0]);
  }

  async setPolicy(policy: PolicyTexts): Promise<void> {
    await this.gateway.changePolicies(policy);
  }

  /** Waits for `count` held statements; oldest first. */
  async held(count = 1): Promise<readonly Held[]> {
    let found: readonly Held[] = [];
    await eventually(`${count} held statements`, async () => {
      found = await this.holds();
      return found.length === count;
    });
    return found;
  }

  async holds(): Promise<readonly Held[]> {
    const reply = await callControl({ ...this.#control(), method: 'GET', path: '/approvals' });
    if (reply.kind !== 'answered') throw new Error(`the control socket: ${reply.kind}`);
    return (reply.body as { readonly approvals: readonly Held[] }).approvals;
  }

  async answer(id: string, answer: 'approve' | 'deny'): Promise<string> {
    const body = { answer, note: '' };
    const path = `/approvals/${id}`;
    return (await callControl({ ...this.#control(), method: 'POST', path, body })).kind;
  }

  #control(): { readonly socket: string; readonly token: string } {
    return {
      socket: controlSocket(join(this.gateway.files.state)),
      token: this.gateway.token('dora'),
    };
  }

  /** What masked clients saw since the last call, in any spelling; closes them. */
  leaks(): readonly string[] {
    const found = this.#watched.flatMap((client) => canariesIn(client.bytes));
    for (const client of this.#watched) client[Symbol.dispose]();
    this.#watched = [];
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leaks();
    await this.gateway.stop();
  }
}

const reversed = (text: string): string => Array.from(text).reverse().join('');
const binaryNumber = Buffer.alloc(8);
binaryNumber.writeBigInt64BE(canaryNumber);

const spellings: readonly string[] = [
  canary,
  reversed(canary),
  Buffer.from(canary).toString('hex'),
  Buffer.from(canary).toString('base64').slice(0, 12),
  String(canaryNumber),
];

/** Which spellings of a canary the bytes hold. */
export function canariesIn(bytes: Buffer): readonly string[] {
  const text = bytes.toString('latin1').toLowerCase();
  const found = spellings.filter((spelling) => text.includes(spelling.toLowerCase()));
  return bytes.includes(binaryNumber) ? [...found, 'binary number'] : found;
}
