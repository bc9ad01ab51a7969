// What a masked caller may get of an answer: nothing that holds the canary, wherever its target planted it.

import type { MaskedRequest } from './masked-arena.ts';
import { chunked } from './payload.ts';

/** A value that is masked in every body; `canary` alone must not be seen either. */
export const canary = 'canary-7f3a@bird.example';

/**
 * `masked`: whole, and shows what it may. `empty`: whole, without a body. `refused`: the gateway answers instead. `cut`: it
 * ends so that no client takes it for whole.
 */
export type MaskedOutcome = 'masked' | 'empty' | 'refused' | 'cut';

export interface MaskedCase {
  readonly name: string;
  readonly expect: MaskedOutcome;
  readonly request: MaskedRequest;
  /** That the target sends. */
  readonly answer: Buffer;
  /** Whether the connection ends behind it. */
  readonly closes: boolean;
  /** What the caller must get to see. */
  readonly shows: string;
}

export interface Told {
  readonly first?: string;
  /** Of the head, besides framing and type. */
  readonly lines?: readonly string[];
  /** None where it is empty. */
  readonly type?: string;
  readonly body?: string | Buffer;
  /** Chunks of the body instead of its length. */
  readonly chunks?: readonly string[];
  /** `none` where the lines have it. */
  readonly framing?: 'length' | 'none';
  readonly closes?: boolean;
  readonly request?: MaskedRequest;
  readonly shows?: string;
}

export function told(name: string, expect: MaskedOutcome, answer: Told): MaskedCase {
  const { first = 'HTTP/1.1 200 OK', lines = [], type = 'application/json', chunks } = answer;
  const body = Buffer.from(chunks === undefined ? (answer.body ?? '') : chunked(...chunks));
  const length = `Content-Length: ${body.length}`;
  const framing = chunks === undefined ? length : 'Transfer-Encoding: chunked';
  const head = [
    ...[first, ...lines],
    ...(type === '' ? [] : [`Content-Type: ${type}`]),
    ...(answer.framing === 'none' ? [] : [framing]),
  ];
  return {
    ...{ name, expect, closes: answer.closes ?? false, shows: answer.shows ?? '' },
    request: answer.request ?? {},
    answer: Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body]),
  };
}

/** An ordinary answer to all but what is given. */
export const document = `{"id":1,"email":"${canary}","note":"plain"}`;
export const shown = '"note":"plain"';
