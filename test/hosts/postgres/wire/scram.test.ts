import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  decodeAuthentication,
  decodeSaslInitialResponse,
  decodeSaslResponse,
  scramClientFinal,
  scramClientFirst,
  verifyScramServerFinal,
  type ScramFirst,
} from '../../../../hosts/postgres/wire/index.ts';

// RFC 7677 §3
const nonce = 'rOprNGfwEbeRWgbNEkqO';
const serverNonce = `${nonce}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0`;
const serverFirst = `r=${serverNonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;
const serverFinal = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=';
const proof = 'p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=';

const malformed = expect.objectContaining({ code: 'message-malformed' });

const answer = (text: string, first: ScramFirst = scramClientFirst(nonce, { user: 'user' })) =>
  scramClientFinal(first, Buffer.from(text), 'pencil');

describe('SCRAM-SHA-256', () => {
  it('says what the example of RFC 7677 says', async () => {
    const first = scramClientFirst(nonce, { user: 'user' });
    expect(first.message.toString()).toBe(`n,,n=user,r=${nonce}`);
    const final = await answer(serverFirst, first);
    expect(final.message.toString()).toBe(`c=biws,r=${serverNonce},${proof}`);
    expect(() => {
      verifyScramServerFinal(final, Buffer.from(serverFinal));
    }).not.toThrow();
  });

  it('says what libpq said to a real server', async () => {
    const file = new URL('../../../transcripts/postgres/psql-simple.txt', import.meta.url);
    const lines = readFileSync(file, 'utf8').split('\n');
    const frames = (start: string): Buffer[] =>
      lines.flatMap((line, index) =>
        line.startsWith(start) ? [Buffer.from((lines[index + 1] ?? '').trim(), 'hex')] : [],
      );
    const [initial, response] = frames('F password');
    const [, challenge, outcome] = frames('B authentication').map(decodeAuthentication);
    const said = decodeSaslInitialResponse(initial!).response?.toString() ?? '';
    const first = scramClientFirst(said.slice(said.indexOf('r=') + 2));
    expect(first.message.toString()).toBe(said);
    if (challenge?.kind !== 'sasl-continue' || outcome?.kind !== 'sasl-final') throw new Error();
    const final = await scramClientFinal(first, challenge.payload, 'sekrit');
    expect(final.message).toEqual(decodeSaslResponse(response!));
    verifyScramServerFinal(final, outcome.payload);
  });

  it('binds the channel by the certificate', async () => {
    const certificateHash = Buffer.alloc(32, 5);
    const first = scramClientFirst(nonce, { certificateHash });
    expect(first.message.toString()).toBe(`p=tls-server-end-point,,n=,r=${nonce}`);
    const { message } = await answer(serverFirst, first);
    const [, binding = ''] = /^c=([^,]+),/.exec(message.toString()) ?? [];
    expect(Buffer.from(binding, 'base64')).toEqual(
      Buffer.concat([Buffer.from('p=tls-server-end-point,,'), certificateHash]),
    );
  });

  it('tells a server without channel binding that the client had it', async () => {
    const first = scramClientFirst(nonce, { serverLacksBinding: true });
    expect(first.message.toString()).toBe(`y,,n=,r=${nonce}`);
    expect((await answer(serverFirst, first)).message.toString()).toMatch(/^c=eSws,/);
  });

  it('escapes a user name, so that it cannot add attributes', () => {
    expect(scramClientFirst(nonce, { user: 'a=b,r=c' }).bare).toBe(`n=a=3Db=2Cr=3Dc,r=${nonce}`);
  });

  it('prepares a password as the server did when it was set', async () => {
    const first = scramClientFirst(nonce);
    const prove = async (password: string): Promise<string> =>
      (await scramClientFinal(first, Buffer.from(serverFirst), password)).message.toString();
    expect(await prove('\u2168')).toBe(await prove('IX'));
    expect(await prove('I\u00adX')).toBe(await prove('IX'));
    // Prohibited, so taken as it is.
    expect(await prove('I\u0000\u2168')).not.toBe(await prove('I\u0000IX'));
    expect(await prove('\u00ad')).not.toBe(await prove(''));
  });

  it.each([
    ['an empty message', ''],
    ['another nonce', serverFirst.replace(nonce, 'x'.repeat(nonce.length))],
    ['a nonce that adds nothing', `r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`],
    ['a nonce that is not printable', serverFirst.replace('%', '\x7f')],
    ['too few iterations', serverFirst.replace('4096', '4095')],
    ['one iteration', serverFirst.replace('4096', '1')],
    ['so many iterations that they would stop us', serverFirst.replace('4096', '1000001')],
    ['an iteration count out of range', serverFirst.replace('4096', '99999999999999999999')],
    ['an iteration count in another notation', serverFirst.replace('4096', '4e3')],
    ['a negative iteration count', serverFirst.replace('4096', '-4096')],
    ['an empty salt', serverFirst.replace('W22ZaJ0SNY7soEsUEjb6gQ==', '')],
    ['a salt that is not base64', serverFirst.replace('W22ZaJ0S', 'W22Z*J0S')],
    ['a salt with loose bits', serverFirst.replace('gQ==', 'gR==')],
    ['an extension that must be understood', `m=x,${serverFirst}`],
    ['bytes behind the last field', `${serverFirst}x`],
    ['more than any server says', `${serverFirst},x=${'y'.repeat(5000)}`],
  ])('refuses %s', async (_, text) => {
    await expect(answer(text)).rejects.toThrow(malformed);
  });

  it.each([
    ['nothing', ''],
    ['another signature', `v=${Buffer.alloc(32).toString('base64')}`],
    ['a signature cut short', serverFinal.slice(0, -4)],
    ['a signature of another length', `v=${Buffer.alloc(33).toString('base64')}`],
    ['something before the signature', `x=1,${serverFinal}`],
  ])('refuses a server that proves itself by %s', async (_, text) => {
    const final = await answer(serverFirst);
    expect(() => {
      verifyScramServerFinal(final, Buffer.from(text));
    }).toThrow(malformed);
  });

  it('tells a refusal from a lie', async () => {
    const final = await answer(serverFirst);
    expect(() => {
      verifyScramServerFinal(final, Buffer.from('e=invalid-proof'));
    }).toThrow(expect.objectContaining({ code: 'message-unexpected' }));
  });
});
