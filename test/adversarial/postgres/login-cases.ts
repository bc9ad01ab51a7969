// Attacks on what comes before the first statement.

import { connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

import type { Arena } from './arena.ts';
import type { Attack } from './attack.ts';
import { attack, demand, demandError, demandRows } from './attack.ts';
import {
  backend,
  encodeGssRequest,
  encodePassword,
  encodeQuery,
  encodeSslRequest,
  encodeStartup,
} from './frames.ts';
import type { Message } from './raw-client.ts';
import { RawClient, answerOf } from './raw-client.ts';

type Parameters = readonly (readonly [string, string])[];

const nobody: Parameters = [
  ['user', 'mallory'],
  ['database', 'shop'],
];

async function firstAnswer(arena: Arena, ...packets: readonly Uint8Array[]): Promise<RawClient> {
  const client = await RawClient.open(arena.gateway.port);
  client.send(...packets);
  return client;
}

async function refusedStartup(arena: Arena, parameters: Parameters): Promise<readonly Message[]> {
  using client = await firstAnswer(arena, encodeStartup([...nobody, ...parameters]));
  const messages = await client.until(
    ({ type }) => type === backend.errorResponse || type === backend.authentication,
  );
  demandError(answerOf(messages));
  return messages;
}

async function startupParameters(arena: Arena): Promise<void> {
  await refusedStartup(arena, [['options', '-c standard_conforming_strings=off']]);
  await refusedStartup(arena, [['Options', '-c client_encoding=SJIS']]);
  await refusedStartup(arena, [['replication', 'database']]);
  await refusedStartup(arena, [['REPLICATION', 'true']]);
  await refusedStartup(arena, [['Standard_Conforming_Strings', 'off']]);
  await refusedStartup(arena, [['client_encoding', 'GBK']]);
  await refusedStartup(arena, [['role', 'postgres']]);
  await refusedStartup(arena, [['session_authorization', 'postgres']]);
  await refusedStartup(arena, [['USER', 'postgres']]);
  await refusedStartup(arena, [['options', '--role=postgres']]);
  await refusedStartup(arena, [['options', '-c\\ro\\le=postgres -crole=postgres']]);
  await refusedStartup(arena, [['options', '-c geqo=on -c Session_Authorization=postgres']]);
  await refusedStartup(arena, [['local_preload_libraries', 'other']]);
}

async function behindSslRequest(arena: Arena): Promise<void> {
  using client = await firstAnswer(
    arena,
    Buffer.concat([encodeSslRequest(), encodeStartup(nobody)]),
  );
  await client.ended();
  demand(client.bytes[0] !== backend.authentication, 'plaintext behind an SSLRequest was read');
}

async function gssThenMore(arena: Arena): Promise<void> {
  using client = await firstAnswer(
    arena,
    Buffer.concat([encodeGssRequest(), encodeStartup(nobody)]),
  );
  await client.ended();
  using again = await firstAnswer(arena, encodeGssRequest());
  await once(again.socket, 'data');
  demand(again.bytes.toString('latin1') === 'N', 'GSSAPI was not refused');
  again.send(encodeGssRequest());
  again.send(encodeGssRequest());
  await again.ended();
}

async function inPlaintextAfterTls(arena: Arena): Promise<void> {
  const socket = (await firstAnswer(arena, encodeSslRequest())).socket;
  await once(socket, 'data');
  socket.removeAllListeners('data');
  const ca = readFileSync(arena.gateway.files.ca, 'utf8');
  const tls = connectTls({ socket, ca, servername: 'localhost', ALPNProtocols: ['postgresql'] });
  await once(tls, 'secureConnect');
  const chunks: Buffer[] = [];
  tls.on('data', (chunk: Buffer) => chunks.push(chunk));
  tls.write(encodeSslRequest());
  await once(tls, 'close');
  demand(chunks[0]?.[0] === backend.errorResponse, 'the reason was not told inside TLS');
}

async function lengths(arena: Arena): Promise<void> {
  for (const length of [-1, 0, 3, 7, 0x7fff_ffff, 100_000]) {
    const packet = Buffer.alloc(8);
    packet.writeInt32BE(length);
    using client = await firstAnswer(arena, packet);
    await client.ended();
  }
}

async function duplicates(arena: Arena): Promise<void> {
  using client = await firstAnswer(arena, encodeStartup([...nobody, ['Database', 'postgres']]));
  demandError(answerOf(await client.ended()));
}

async function wrongToken(arena: Arena): Promise<void> {
  const options = arena.options();
  const outcomes = [
    { ...options, password: 'slp_wrong' },
    { ...options, password: '' },
    { ...options, password: options.password.slice(0, -1) },
    { ...options, password: 'x'.repeat(70_000) },
    { ...options, password: 'slp_wrong', database: 'nowhere' },
    { ...options, password: 'slp_wrong', user: 'nobody' },
  ];
  const texts = new Set<string>();
  for (const outcome of outcomes) {
    using client = await RawClient.login(outcome);
    const answer = answerOf(client.all);
    demandError(answer, '28P01');
    texts.add(answer.messages.at(-1)?.frame.toString('latin1') ?? '');
  }
  demand(texts.size === 1, 'the answers tell what was wrong');
}

async function unknownTarget(arena: Arena): Promise<void> {
  for (const database of ['nowhere', '', '/', 'shop/', '../shop', 'shop/nowhere', 'SHOP']) {
    const client = await RawClient.login({ ...arena.options(), user: 'elsewhere', database });
    demand(client.closed, `a session began on '${database}'`);
    demandError(answerOf(client.all));
  }
}

async function statementBeforeLogin(arena: Arena): Promise<void> {
  using client = await firstAnswer(arena, encodeStartup(nobody));
  await client.until(({ type }) => type === backend.authentication);
  client.send(encodeQuery('SELECT 1'));
  demandError(answerOf(await client.ended()));
  using eager = await firstAnswer(arena, encodeStartup(nobody));
  await eager.until(({ type }) => type === backend.authentication);
  eager.send(
    encodePassword('slp_wrong'),
    encodeQuery("INSERT INTO ledger (entry) VALUES ('eager')"),
  );
  demandError(answerOf(await eager.ended()));
  demand((await arena.count('ledger')) === 0, 'a statement ran before the login');
}

async function otherProtocols(arena: Arena): Promise<void> {
  using http = await firstAnswer(arena, Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'));
  await http.ended();
  using old = await firstAnswer(arena, encodeStartup(nobody, 0x0002_0000));
  demandError(answerOf(await old.ended()));
  using newer = await firstAnswer(arena, encodeStartup(nobody, 0x0003_0003));
  const messages = await newer.until(({ type }) => type === backend.authentication);
  demand(messages[0]?.type === backend.negotiateProtocolVersion, 'the version is not negotiated');
}

async function benignParameters(arena: Arena): Promise<void> {
  using client = await arena.masked([
    ['application_name', 'psql'],
    ['Client_Encoding', "'utf-8'"],
    ['DateStyle', 'ISO'],
    ['extra_float_digits', '3'],
    ['TimeZone', 'Europe/Zurich'],
    ['options', ' '],
  ]);
  demandRows(await client.ask('SHOW timezone'), [['Europe/Zurich']]);
}

export const loginAttacks: readonly Attack[] = [
  attack('login', 'startup parameters', startupParameters),
  attack('login', 'bytes behind an SSLRequest', behindSslRequest),
  attack('login', 'GSSENCRequest', gssThenMore),
  attack('login', 'a second SSLRequest inside TLS', inPlaintextAfterTls),
  attack('login', 'lengths of the first packet', lengths),
  attack('login', 'a parameter given twice', duplicates),
  attack('login', 'wrong tokens', wrongToken),
  attack('login', 'unknown targets', unknownTarget),
  attack('login', 'statements before the login', statementBeforeLogin),
  attack('login', 'other protocols', otherProtocols),
  attack('login', 'parameters that clients do send', benignParameters),
];
