// The canary in bodies: in odd spellings, in types that lie, in codings, in what breaks off.

import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';

import type { MaskedCase } from './masked-case.ts';
import { canary, document, shown, told } from './masked-case.ts';

const escaped = Array.from(canary, (character) => {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}).join('');
const utf16 = Buffer.from(document, 'utf16le');
const gzipped = gzipSync(document);
const events = `id: 1\ndata: ${document}\n\n`;
const wide = `{"pad":"${'x'.repeat(300_000)}","email":"${canary}","note":"plain"}`;

const masked = (name: string, body: string, type?: string): MaskedCase =>
  told(name, 'masked', { body, shows: shown, ...(type === undefined ? {} : { type }) });
const cut = (name: string, body: string | Buffer, type?: string): MaskedCase =>
  told(name, 'cut', { body, ...(type === undefined ? {} : { type }) });
const refused = (name: string, type: string, body: string | Buffer = document): MaskedCase =>
  told(name, 'refused', { body, type });
const coded = (name: string, expect: MaskedCase['expect'], coding: string, body: Buffer) =>
  told(name, expect, { body, lines: [`Content-Encoding: ${coding}`], shows: shown });

const spellings: readonly MaskedCase[] = [
  masked('a document', document),
  masked('escapes in the value', `{"email":"${escaped}","note":"plain"}`),
  masked('escapes in the name', `{"em\\u0061il":"${canary}","note":"plain"}`),
  masked('a name in capitals', `{"EMAIL":"${canary}","note":"plain"}`),
  masked('a name in full width', `{"ｅｍａｉｌ":"${canary}","note":"plain"}`),
  masked('space everywhere', `\r\n{ \t"email" :\n"${canary}" , "note":"plain"}\n`),
  masked('an object in its place', `{"email":{"a":["${canary}"]},"note":"plain"}`),
  masked('JSON inside a text', JSON.stringify({ raw: document, note: 'plain' })),
  masked('a huge value', `{"email":"${'x'.repeat(200_000)}${canary}","note":"plain"}`),
  masked('behind a huge value', wide),
  told('byte by byte', 'masked', { chunks: Array.from(document), shows: shown }),
  cut('a name twice', `{"email":"a","email":"${canary}"}`),
  cut('a byte order mark', `\ufeff${document}`),
  cut('a comment', `/* ${canary} */ ${document}`),
  cut('text in front, as JSONP has it', `call({"email":"${canary}"})`),
  cut('a guard against scripts in front', `)]}',\n${document}`),
  cut('single quotes', `{'email':'${canary}'}`),
  cut('no quotes', `{email:${canary}}`),
  cut('a second document behind it', `{"id":1}"${canary}"`),
  cut('UTF-16 under JSON', utf16),
  cut('Latin-1 under JSON', Buffer.from(`{"é":1,"note":"${canary}"}`, 'latin1')),
  cut('an overlong form of a quote', Buffer.from(`{"a":"\xc0\xa2${canary}"}`, 'latin1')),
  cut('NUL', `{"a":"\0","note":"${canary}"}`),
  cut('nested 300 deep', `${'['.repeat(300)}"${canary}"${']'.repeat(300)}`),
  cut('HTML under JSON', `<html>${canary}</html>`),
  told('nothing but space', 'masked', { body: '  ' }),
];

const types: readonly MaskedCase[] = [
  masked('type in capitals', document, 'APPLICATION/JSON'),
  masked('type with space', document, 'application/json ; charset="UTF-8"'),
  masked('charset utf8', document, 'application/json;charset=utf8'),
  masked('type with a canary as a parameter', document, `application/json; profile="${canary}"`),
  masked('type that is a canary and JSON', document, 'application/vnd.canary-7f3a+json'),
  masked('type problem+json', document, 'application/problem+json'),
  refused('no type', ''),
  refused('type that is a canary', 'text/canary-7f3a'),
  refused('type that is no type', canary),
  refused('HTML', 'text/html'),
  refused('text', 'text/plain'),
  refused('XML', 'application/xml'),
  refused('JavaScript', 'application/javascript', `call(${document})`),
  refused('an image that is JSON', 'image/png'),
  refused('two types in one', 'application/json, text/html'),
  refused('charset UTF-16', 'application/json; charset=utf-16le', utf16),
  refused('charset UTF-7', 'application/json; charset=utf-7'),
  refused('charset twice', 'application/json; charset=utf-8; charset=utf-16'),
  refused('multipart', 'multipart/mixed; boundary=a', `--a\r\n\r\n${document}\r\n--a--`),
  refused('ranges', 'multipart/byteranges; boundary=a', `--a\r\n\r\n${document}\r\n--a--`),
  refused('gRPC', 'application/grpc', document),
  refused('gRPC in text', 'application/grpc-web-text', document),
  refused('a form', 'application/x-www-form-urlencoded', `email=${canary}`),
  told('two types', 'refused', { body: document, lines: ['Content-Type: text/plain'] }),
];

const records: readonly MaskedCase[] = [
  masked('lines', `${document}\n${document}\n`, 'application/x-ndjson'),
  masked('lines that end in CR LF', `${document}\r\n${document}\r\n`, 'application/jsonl'),
  cut('lines that end in CR', `{"id":1}\r${document}\r`, 'application/x-ndjson'),
  cut('a line that breaks off', `${document}\n{"email":"${canary}`, 'application/x-ndjson'),
  masked('an event', events, 'text/event-stream'),
  masked('an event with CR', events.replaceAll('\n', '\r'), 'text/event-stream'),
  masked(
    'an event over lines',
    `data: {"email":\ndata: "${canary}",\ndata: ${shown}}\n\n`,
    'text/event-stream',
  ),
  masked('a comment of an event', `: ${canary}\n${events}`, 'text/event-stream'),
  masked('an unknown field of an event', `canary: 1\n${events}`, 'text/event-stream'),
  masked('retry of an event', `retry: ${canary}\n${events}`, 'text/event-stream'),
  cut('the name of an event', `event: <${canary}>\n${events}`, 'text/event-stream'),
  cut('the id of an event', `id: <${canary}>\n${events}`, 'text/event-stream'),
  told('text of an event', 'masked', {
    body: `data: ${canary}\n\n`,
    type: 'text/event-stream',
    shows: '***',
  }),
  told('an event without an end', 'masked', {
    body: `data: ${canary}`,
    type: 'text/event-stream',
    shows: '***',
  }),
  told('a table', 'masked', { body: `id,email\n1,${canary}\n`, type: 'text/csv', shows: '1,***' }),
  told('a table with quotes', 'masked', {
    body: `"id","E""mail""","Email"\r\n"1","x","${canary}"\r\n`,
    type: 'text/csv; charset=utf-8',
    shows: '***',
  }),
  cut('a table without the column', `id,name\n1,${canary}\n`, 'text/csv'),
  cut('a table with semicolons', `id;email\n1;${canary}\n`, 'text/csv'),
  cut('a row that is too wide', `id,email\n1,2,${canary}\n`, 'text/csv'),
  refused('a table without a header', 'text/csv; header=absent', `1,${canary}\n`),
];

const codings: readonly MaskedCase[] = [
  coded('gzip', 'masked', 'gzip', gzipped),
  coded('x-gzip in capitals', 'masked', 'X-GZIP', gzipped),
  coded('deflate', 'masked', 'deflate', deflateSync(document)),
  coded('br', 'masked', 'br', brotliCompressSync(document)),
  coded('zstd', 'masked', 'zstd', zstdCompressSync(document)),
  coded('identity', 'masked', 'identity', Buffer.from(document)),
  coded('two codings', 'refused', 'gzip, gzip', gzipSync(gzipped)),
  coded('an unknown coding', 'refused', 'canary-7f3a', Buffer.from(document)),
  coded('gzip twice under one name', 'refused', 'gzip', gzipSync(gzipped)),
  coded('gzip that is none', 'refused', 'gzip', Buffer.from(document)),
  coded('deflate without its frame', 'refused', 'deflate', deflateRawSync(document)),
  coded('gzip that is cut', 'cut', 'gzip', gzipped.subarray(0, -6)),
  coded(
    'gzip with more behind',
    'refused',
    'gzip',
    Buffer.concat([gzipped, Buffer.from(document)]),
  ),
  coded('a bomb', 'refused', 'br', brotliCompressSync(Buffer.alloc(30_000_000, ' '))),
  cut('gzip that is not declared', gzipped),
  told('coding twice', 'refused', {
    body: gzipped,
    lines: ['Content-Encoding: gzip', 'Content-Encoding: gzip'],
  }),
];

const half = document.slice(0, document.indexOf(canary) + 12);
const framings: readonly MaskedCase[] = [
  told('breaks off in the masked value, by length', 'cut', {
    ...{ body: half, framing: 'none', closes: true },
    lines: ['Content-Length: 500'],
  }),
  told('breaks off in the masked value, in chunks', 'cut', {
    ...{ body: `${half.length.toString(16)}\r\n${half}\r\n`, framing: 'none', closes: true },
    lines: ['Transfer-Encoding: chunked'],
  }),
  told('ends whole in the masked value', 'cut', { body: half }),
  told('ends with the connection', 'refused', { body: document, framing: 'none', closes: true }),
  told('bytes behind the body', 'masked', {
    ...{ body: `${document}${canary}`, framing: 'none', closes: true, shows: shown },
    lines: [`Content-Length: ${document.length}`],
  }),
  told('a second answer behind the body', 'masked', {
    ...{
      body: `${document}HTTP/1.1 200 OK\r\nX: ${canary}\r\n\r\n`,
      framing: 'none',
      shows: shown,
    },
    ...{ lines: [`Content-Length: ${document.length}`], closes: true },
  }),
  told('extensions of chunks', 'masked', {
    ...{ body: `${document.length.toString(16)};x="${canary}"\r\n${document}\r\n0\r\n\r\n` },
    ...{ framing: 'none', lines: ['Transfer-Encoding: chunked'], shows: shown },
  }),
  told('trailers', 'masked', {
    body: `${document.length.toString(16)}\r\n${document}\r\n0\r\nX-Email: ${canary}\r\n\r\n`,
    ...{ framing: 'none', shows: shown },
    lines: ['Transfer-Encoding: chunked', 'Trailer: X-Email'],
  }),
];

export const maskedBodyCases: readonly MaskedCase[] = [
  ...spellings,
  ...types,
  ...records,
  ...codings,
  ...framings,
];
