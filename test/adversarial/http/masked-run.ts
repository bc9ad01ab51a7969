// One answer of a hostile target to a masked caller, and what came of it.

import type { Got, MaskedArena, Version } from './masked-arena.ts';
import { ask } from './masked-arena.ts';
import type { MaskedCase } from './masked-case.ts';
import type { Row } from './run.ts';

/** What must not reach the target: parts and validators of bytes that the caller will never see. */
const unwanted = /^(?:range|if-[a-z-]+):|^accept-encoding: (?!identity\r)/im;

export async function runMasked(
  each: MaskedCase,
  version: Version,
  { gateway, upstream }: MaskedArena,
): Promise<Row> {
  upstream.take();
  upstream.answerWith(each.answer, each.closes);
  const got = await ask(version, gateway, each.request);
  const outcome = leak(got) ?? passedOn(upstream.take()) ?? outcomeOf(got, each);
  return {
    name: `${each.name}, to HTTP/${version}`,
    class: 'masked',
    expected: each.expect,
    got: outcome,
    pass: outcome === each.expect,
  };
}

/** As a lenient client reads it: escapes taken off, CSV's quotes and the lines of an event put together. */
const readings = (text: string): readonly string[] => [
  text,
  text.replace(/\\+u00([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  ),
  text.replaceAll('""', '"').replaceAll('\ndata: ', ''),
];

function leak({ all, head }: Got): string | undefined {
  if (readings(all).some((text) => /canary|7f3a|bird/i.test(text))) return 'leaked';
  // What is still encoded was not looked into.
  return /content-encoding/i.test(head) ? 'leaked, encoded' : undefined;
}

const passedOn = (received: Buffer): string | undefined =>
  unwanted.test(received.toString('latin1')) ? 'asked for parts' : undefined;

function outcomeOf({ status, body, isWhole }: Got, { shows }: MaskedCase): string {
  if (!isWhole) return 'cut';
  if (status === 502 || body.includes('"code":"mask-unsupported"')) return 'refused';
  const code = /"title":"sallyport: .*"code":"([a-z-]+)"/.exec(body)?.[1];
  if (code !== undefined) return `refused, ${code}`;
  if (body === '') return 'empty';
  return body.includes(shows) ? 'masked' : 'masked, but shows too little';
}
