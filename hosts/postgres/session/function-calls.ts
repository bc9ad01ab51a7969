// FunctionCall: a function by its number, without SQL (PostgreSQL "Function Call"). It is judged, held and recorded as the
// SELECT that calls it, and sent as it came.

import type { CalledFunction } from '../catalog/index.ts';
import type { Refusal } from '../refusal.ts';
import { refusal, substituteText } from '../refusal.ts';
import type { FrameReader, FrameView, FunctionCall } from '../wire/index.ts';
import { decodeFunctionCall, encodeQuery } from '../wire/index.ts';
import { completedEntry } from './evidence.ts';
import type { Asked, Gate, Passage } from './gate.ts';
import type { Judged } from './judgement.ts';
import type { Permission } from './permission.ts';
import type { CallEntry } from './pipeline.ts';
import type { Spending } from './spending.ts';
import type { SessionState } from './state.ts';

/** Below are the objects that a database is made with: their names stay for as long as a server runs. */
const firstUserOid = 16384;
/** More than programs call by number. */
const builtInMax = 64;

const protocol = 'function-call';
const hint = 'call the function in a SELECT';

export class FunctionCalls {
  readonly #state: SessionState;
  readonly #gate: Gate;
  readonly #builtIn = new Map<number, CalledFunction>();

  constructor(state: SessionState, gate: Gate) {
    this.#state = state;
    this.#gate = gate;
  }

  /**
   * Sends the call or what fails in its place; what permitted it, if it was sent. All before it must be answered: DDL there
   * may give its number another name.
   *
   * @throws WireError for a malformed message.
   */
  async send(frame: Buffer): Promise<Permission | undefined> {
    const { pipeline, toUpstream } = this.#state;
    const passage = await this.#pass(decodeFunctionCall(frame));
    if (passage.kind === 'refused') {
      const { refusal: refused } = passage;
      pipeline.push({ kind: 'query', permission: undefined, meter: undefined, refused });
      toUpstream.push(encodeQuery(substituteText(refused)));
      return undefined;
    }
    const { permission } = passage;
    const meter = this.#state.meter(permission);
    pipeline.push({ kind: 'call', permission, meter, refused: undefined });
    // Whatever becomes of it, the server is ready afterwards, as behind a Sync.
    pipeline.push({ kind: 'sync' });
    this.#state.endSection();
    toUpstream.push(frame);
    return permission;
  }

  async #pass(call: FunctionCall): Promise<Passage> {
    const found = await this.#find(call);
    if ('code' in found) {
      const text = `function call of OID ${call.functionOid}`;
      return this.#gate.refuse({ protocol, text, bind: call }, { refusal: found, decisions: [] });
    }
    const text = textOf(found);
    const judge = (before: Judged): Promise<Judged> => this.#judgeAgain(call, text, before);
    const asked: Asked = { protocol, text, bind: call, judge };
    return this.#gate.pass(asked, await this.#judge(text));
  }

  /** Built-in functions are asked for once: programs read large objects by many calls of the same few. */
  async #find({ functionOid, parameters }: FunctionCall): Promise<CalledFunction | Refusal> {
    let found = this.#builtIn.get(functionOid);
    if (found === undefined) {
      try {
        found = await this.#state.catalog.functionOf(functionOid);
      } catch {
        return unavailable;
      }
      if (found === undefined) return unknown;
      const isKept = functionOid < firstUserOid && this.#builtIn.size < builtInMax;
      if (isKept) this.#builtIn.set(functionOid, found);
    }
    return found.parameters === parameters.length ? found : unknown;
  }

  async #judge(text: string, known?: Judged): Promise<Judged> {
    const { judge, settings } = this.#state;
    const judged = await judge.judgeText(text, settings, known);
    const { judgement } = judged;
    // Its answer has no description, so nobody could say where the value comes from.
    if (judgement.kind === 'refused' || !judgement.permission.guarded) return judged;
    return refused(judged, guarded);
  }

  /** The yes of an approver was given to what the number meant before. */
  async #judgeAgain(call: FunctionCall, text: string, before: Judged): Promise<Judged> {
    const found = await this.#find(call);
    if ('code' in found) return refused(before, found);
    return textOf(found) === text ? this.#judge(text, before) : refused(before, unknown);
  }
}

/** FunctionCallResponse, or its first piece: the call is done. What of it may pass. */
export function endCall(
  state: SessionState,
  spending: Spending,
  reader: FrameReader,
  entry: CallEntry,
): FrameView {
  const { meter, permission } = entry;
  state.soFar.rows += 1;
  const view = spending.affordable(reader, entry);
  if (meter?.spent !== undefined) {
    spending.completeOverspent(entry, meter, 0);
    return view;
  }
  state.recorder.note(completedEntry('FUNCTION CALL', permission.decisions));
  state.pipeline.shift();
  return view;
}

function textOf({ schema, name, parameters }: CalledFunction): string {
  const quoted = [schema, name].map((word) => `"${word.replaceAll('"', '""')}"`).join('.');
  const places = Array.from({ length: parameters }, (_, index) => `$${index + 1}`).join(', ');
  return `SELECT ${quoted}(${places})`;
}

const refused = (judged: Judged, why: Refusal): Judged => {
  const { decisions } = judged.judgement;
  return { ...judged, judgement: { kind: 'refused', refusal: why, decisions } };
};

const guarded = refusal(
  'mask-unsupported',
  'columns are masked for you, so no function is called by its number',
  { hint },
);

const unknown = refusal(
  'statement-unsupported',
  'the target has no function that could be called by this number with so many arguments',
  { hint: `${hint}; one that the open transaction has made is not known yet` },
);

const unavailable = refusal(
  'catalog-unavailable',
  'the catalog of the target cannot be read, so it is not known which function the number means',
  { hint: 'try again' },
);
