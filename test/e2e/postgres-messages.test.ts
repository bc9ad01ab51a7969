// Messages that few programs see one by one: how a login begins, what the server says by itself, portals by name.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectTls } from 'node:tls';

import { afterAll, beforeAll, expect, it } from '@jest/globals';

import {
  backend,
  decodeBackendKeyData,
  decodeNotificationResponse,
  decodeServerReport,
  encodeCancelRequest,
  encodePassword,
  encodeQuery,
  encodeStartup,
  reportField,
} from '../../hosts/postgres/wire/index.ts';
import type { Message } from '../adversarial/postgres/raw-client.ts';
import {
  RawClient,
  bind,
  describePortal,
  parse,
  sync,
} from '../adversarial/postgres/raw-client.ts';
import { eventually } from '../support/eventually.ts';
import { TestGateway, targetName } from '../support/gateway.ts';

const policies = {
  'masks.rego': `package rules.postgres.masks

import rego.v1

allow contains "everything"

mask contains {"column": "public.people.email", "strategy": "null"} if input.principal.id == "mallory"
`,
};

const setup = `
CREATE TABLE people (id int, email text);
CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN PERFORM pg_notify(''people'', row_to_json(NEW)::text); RETURN NEW; END';
CREATE TRIGGER tell AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION tell();
GRANT ALL ON people TO gateway`;

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await TestGateway.start({
    policies,
    principals: { ada: {}, mallory: {} },
    allowPlaintextClients: true,
    server: { setup: [setup] },
  });
});

afterAll(async () => {
  await gateway.stop();
});

const login = (user = 'ada'): Promise<RawClient> =>
  RawClient.login({
    ...{ port: gateway.port, user, password: gateway.token(user), database: targetName },
  });

const startup = (version?: number): Buffer =>
  encodeStartup(
    [
      ['user', 'ada'],
      ['database', targetName],
    ],
    version,
  );

const frames = (client: RawClient, type: number): readonly Buffer[] =>
  client.all.filter((each) => each.type === type).map(({ frame }) => frame);

const isAuthentication = ({ type }: Message): boolean => type === backend.authentication;

it('takes a connection that begins with TLS', async () => {
  const socket = connectTls({
    ...{ port: gateway.port, host: gateway.host, ALPNProtocols: ['postgresql'] },
    ca: readFileSync(gateway.files.ca, 'utf8'),
  });
  using client = new RawClient(socket);
  await once(socket, 'secureConnect');
  client.send(startup());
  await client.until(isAuthentication);
  client.send(encodePassword(gateway.token('ada')));
  await client.ready();
  const { rows } = await client.ask('SELECT 1');
  expect(rows).toEqual([['1']]);
});

it('gives long cancel keys to who speaks protocol 3.2, and takes them', async () => {
  using client = await RawClient.open(gateway.port);
  client.send(startup(0x30002));
  await client.until(isAuthentication);
  client.send(encodePassword(gateway.token('ada')));
  await client.ready();
  expect(frames(client, backend.negotiateProtocolVersion)).toEqual([]);
  const key = decodeBackendKeyData(frames(client, backend.backendKeyData)[0]!);
  expect(key.secretKey).toHaveLength(32);
  client.send(encodeQuery('SELECT pg_sleep(60)'));
  await eventually('the server runs the statement', async () => {
    const running = "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'";
    return (await gateway.postgres.query(`${running} AND state = 'active'`)).length === 1;
  });
  using canceller = await RawClient.open(gateway.port);
  canceller.send(encodeCancelRequest(key));
  const report = decodeServerReport(
    (await client.ready()).find(({ type }) => type === backend.errorResponse)!.frame,
  );
  expect(reportField(report, 'code')).toBe('57014');
});

it('says once that the server ended the session', async () => {
  using client = await login();
  const { rows } = await client.ask('SELECT pg_backend_pid()');
  const closed = once(client.socket, 'close');
  await gateway.postgres.query(`SELECT pg_terminate_backend(${String(rows[0]?.[0])})`);
  client.socket.resume();
  await closed;
  const said = frames(client, backend.errorResponse).map((frame) => decodeServerReport(frame));
  expect(said.map((report) => reportField(report, 'code'))).toEqual(['57P01']);
});

it('lets SQL fetch from a portal of the protocol, and describe a cursor of SQL', async () => {
  using client = await login();
  client.send(encodeQuery('BEGIN'), parse('', 'SELECT generate_series(1, 9)'), bind('p', ''), sync);
  await client.ready(2);
  expect((await client.ask('FETCH 2 FROM p')).rows).toEqual([['1'], ['2']]);
  await client.ask('DECLARE c CURSOR FOR SELECT 1 AS one');
  client.send(describePortal('c'), sync);
  const described = await client.ready();
  expect(described.map(({ type }) => type)).toEqual([
    ...[backend.rowDescription, backend.readyForQuery],
  ]);
});

it.each([
  ['ada', '{"id":1,"email":"secret@example.org"}'],
  ['mallory', ''],
])('tells %s of a row by a notification with the payload %j', async (user, payload) => {
  using client = await login(user);
  await client.ask('LISTEN people');
  await gateway.postgres.query("INSERT INTO people VALUES (1, 'secret@example.org')");
  await client.until(({ type }) => type === backend.notificationResponse);
  const heard = decodeNotificationResponse(frames(client, backend.notificationResponse)[0]!);
  expect({ channel: heard.channel, payload: heard.payloadBytes.toString() }).toEqual({
    ...{ channel: 'people', payload },
  });
});
