// The live gateway's judgement of a text, without a target: for `eval`, by a catalog that was saved before.

import { readFileSync } from 'node:fs';

import type { Session } from '#engine';

import type { JudgingEngine } from './session/judge.ts';
import { Judge } from './session/judge.ts';
import { SoFar } from './session/so-far.ts';
import type { Judgement } from './session/judgement.ts';
import { SessionNames } from './session/session-names.ts';
import type { Analysed, Catalog, Refused } from './sql/index.ts';
import { catalogFromJson, emptyCatalog } from './sql/index.ts';
import { catalogSnapshot } from './targets.ts';

export interface OfflineQuestion {
  readonly engine: JudgingEngine;
  readonly session: Session;
  /** The gateway's state directory, where catalogs are saved. */
  readonly state: string;
  readonly text: string;
}

export interface OfflineJudgement {
  readonly analysed: Analysed | Refused;
  readonly judgement: Judgement;
  /** The snapshot that names were resolved by; `undefined` when there is none. */
  readonly snapshot: string | undefined;
}

/** Judges a text as a session would that has just begun. Throws ConfigError for a damaged snapshot. */
export async function judgeOffline(question: OfflineQuestion): Promise<OfflineJudgement> {
  const { engine, session, state, text } = question;
  const file = catalogSnapshot(state, session.target.name, session.target.database ?? '');
  const saved = readSnapshot(file);
  const catalog = { current: saved ?? emptyCatalog, pending: undefined };
  const never = () => undefined;
  const judge = new Judge({
    engine,
    session,
    catalog: { ...catalog, refreshUnknown: never, verify: never },
    soFar: new SoFar(),
    names: new SessionNames(),
  });
  const settings = { standardConformingStrings: 'on', clientEncoding: 'UTF8' };
  const { analysed, judgement } = await judge.judgeText(text, settings);
  return { analysed, judgement, snapshot: saved === undefined ? undefined : file };
}

function readSnapshot(file: string): Catalog | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return catalogFromJson(JSON.parse(text));
}
