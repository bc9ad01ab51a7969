// Client to target, one message at a time: nothing is forwarded that is not decided here (PostgreSQL "Message
// Flow"). A returned promise means: handle nothing more of this client until it settles.

import type { Refusal } from '../refusal.ts';
import { refusal, reservedName, substituteText } from '../refusal.ts';
import { frozen } from '../sql/index.ts';
import type { Bind, FrontendType } from '../wire/index.ts';
import {
  WireError,
  decodeBind,
  decodeBodyless,
  decodeClose,
  decodeCopyFail,
  decodeDescribe,
  decodeExecute,
  decodeParse,
  decodeQuery,
  encodeBind,
  encodeDescribe,
  encodeExecute,
  encodeParse,
  encodeQuery,
  frontend,
} from '../wire/index.ts';
import type { Eventually } from './eventually.ts';
import { then } from './eventually.ts';
import { FunctionCalls } from './function-calls.ts';
import type { Gate, Passage } from './gate.ts';
import type { Judged, Known } from './judgement.ts';
import type { Permission } from './permission.ts';
import type { MustFail } from './pipeline.ts';
import { entriesMax } from './pipeline.ts';
import type { Portal, Prepared } from './session-names.ts';
import { bytesOf } from './session-names.ts';
import type { SessionState } from './state.ts';

const unpermitted = { permission: undefined, meter: undefined } as const;

export class ClientMessages {
  readonly #state: SessionState;
  readonly #gate: Gate;
  readonly #calls: FunctionCalls;
  #terminated = false;

  constructor(state: SessionState, gate: Gate) {
    this.#state = state;
    this.#gate = gate;
    this.#calls = new FunctionCalls(state, gate);
  }

  /** The client said goodbye. */
  get terminated(): boolean {
    return this.#terminated;
  }

  /** Throws WireError for anything that a client may not say here. */
  handle(type: number, frame: Buffer): Eventually<undefined> {
    const { cancelling } = this.#state;
    if (cancelling !== undefined && type !== frontend.terminate) {
      return cancelling.then(() => this.handle(type, frame));
    }
    if (this.#state.copy === 'copy-in') return this.#handleCopy(type, frame);
    // What the server ignores is never answered: counted as asked, it would lend its permission to what follows.
    if (this.#state.skipping && type !== frontend.sync && type !== frontend.terminate) {
      return undefined;
    }
    if (this.#state.pipeline.length >= entriesMax) {
      return this.#state.awaitRoom().then(() => this.handle(type, frame));
    }
    if (this.#mustSettle(type)) return this.#later(type, frame);
    switch (type as FrontendType) {
      case frontend.query:
        return this.#onQuery(frame);
      case frontend.parse:
        return this.#onParse(frame);
      case frontend.bind:
        return this.#onBind(frame);
      case frontend.execute:
        return this.#onExecute(frame);
      case frontend.describe:
        return this.#onDescribe(frame);
      case frontend.close:
        return this.#onClose(frame);
      case frontend.sync:
        decodeBodyless(frame);
        this.#state.endSection();
        this.#state.pipeline.push({ kind: 'sync' });
        return this.#forward(frame);
      case frontend.flush:
        decodeBodyless(frame);
        return this.#forward(frame);
      case frontend.functionCall:
        return this.#onFunctionCall(frame);
      case frontend.copyData:
      case frontend.copyDone:
      case frontend.copyFail:
        // Left over from a COPY that the server ended: it ignores them, too.
        return undefined;
      case frontend.terminate:
        this.#terminated = true;
        return this.#forward(frame);
      case frontend.password:
        throw new WireError('message-unexpected', 'a password message after the login');
    }
  }

  #handleCopy(type: number, frame: Buffer): undefined {
    switch (type as FrontendType) {
      case frontend.copyData:
        return this.#forward(frame);
      case frontend.copyDone:
      case frontend.copyFail:
        if (type === frontend.copyDone) decodeBodyless(frame);
        else decodeCopyFail(frame);
        this.#state.setCopy('none');
        return this.#forward(frame);
      case frontend.flush:
      case frontend.sync:
        // The server ignores both while it copies; a Sync that came too late for it would be answered.
        return undefined;
      case frontend.terminate:
        this.#terminated = true;
        return this.#forward(frame);
      case frontend.query:
      case frontend.parse:
      case frontend.bind:
      case frontend.execute:
      case frontend.describe:
      case frontend.close:
      case frontend.functionCall:
      case frontend.password:
        throw new WireError('message-unexpected', 'a statement while COPY waits for data');
    }
  }

  /** Goes on with what was waited for, unless the server failed what was sent before it in the meantime. */
  #unlessSkipped<In>(
    value: Eventually<In>,
    next: (value: In) => Eventually<undefined>,
  ): Eventually<undefined> {
    return then(value, (settled) => (this.#state.skipping ? undefined : next(settled)));
  }

  /** What reads of the session what it did must not be judged before that is done. */
  #mustSettle(type: number): boolean {
    const { judge, pipeline } = this.#state;
    const isJudged = type === frontend.query || type === frontend.parse || type === frontend.bind;
    return isJudged && pipeline.length > 0 && judge.readsSoFar;
  }

  /** Handles a message when all before it is answered: until then nobody knows what a name in it stands for. */
  #later(type: number, frame: Buffer): Promise<undefined> {
    return this.#state.awaitAnswers().then(() => this.handle(type, frame));
  }

  #forward(frame: Buffer): undefined {
    this.#state.toUpstream.push(frame);
    return undefined;
  }

  #onQuery(frame: Buffer): Eventually<undefined> {
    const { text } = decodeQuery(frame);
    return then(this.#judge(text), (judged) =>
      this.#unlessSkipped(this.#gate.pass({ protocol: 'simple', text }, judged), (passage) =>
        this.#sendQuery(frame, passage),
      ),
    );
  }

  #sendQuery(frame: Buffer, passage: Passage): Eventually<undefined> {
    const { pipeline } = this.#state;
    if (passage.kind === 'refused') {
      pipeline.push({ ...unpermitted, kind: 'query', refused: passage.refusal });
      return this.#forward(encodeQuery(substituteText(passage.refusal)));
    }
    const { permission } = passage;
    const meter = this.#state.meter(permission);
    pipeline.push({ kind: 'query', permission, meter, refused: undefined });
    this.#forward(frame);
    return this.#afterForward(permission);
  }

  #afterForward(permission: Permission): Eventually<undefined> {
    if (permission.mayChangeSettings) this.#state.riskSettings();
    if (permission.changesCatalog) this.#state.changeCatalog();
    if (permission.guarded) this.#state.guarded = true;
    if (permission.opensCursors) this.#state.cursorsOpened += 1;
    if (permission.mayChangeSettings) this.#state.names.isDoubtful = true;
    // What comes next may name it, and must not be judged by what had the name before.
    if (permission.defines !== undefined) return this.#state.awaitAnswers();
    return permission.copy === 'in' ? this.#state.awaitCopy() : undefined;
  }

  #onFunctionCall(frame: Buffer): Promise<undefined> {
    if (this.#state.pipeline.length > 0) return this.#later(frontend.functionCall, frame);
    return this.#calls
      .send(frame)
      .then((permission) => permission && this.#afterForward(permission));
  }

  #onParse(frame: Buffer): Eventually<undefined> {
    const { name, text, parameterTypes } = decodeParse(frame);
    refuseReserved(name);
    return this.#unlessSkipped(this.#judge(text), (judged) => {
      const { judgement } = judged;
      if (judgement.kind === 'refused') {
        this.#gate.refuse({ protocol: 'extended', text }, judgement);
        this.#expectName('parse', 'statements', { name, refused: judgement.refusal });
        const substitute = substituteText(judgement.refusal);
        return this.#forward(encodeParse({ name, text: substitute, parameterTypes }));
      }
      this.#state.names.statements.expect(name, this.#prepared(text, judged));
      this.#state.pipeline.push({ kind: 'parse', names: 'statements', refused: undefined });
      return this.#forward(frame);
    });
  }

  #prepared(text: string, judged: Judged): Prepared {
    const { engine, turn } = this.#state;
    const known = { analysed: frozen(judged.analysed), catalog: judged.catalog };
    const recent = { judged, revision: engine.revision, turn };
    return { text, bytes: bytesOf(text), known, recent };
  }

  #onBind(frame: Buffer): Eventually<undefined> {
    const bind = decodeBind(frame);
    refuseReserved(bind.portal);
    refuseReserved(bind.statement);
    if (!this.#state.names.statements.isSettled(bind.statement))
      return this.#later(frontend.bind, frame);
    const prepared = this.#state.names.statements.lookup(bind.statement);
    if (prepared === undefined) {
      // Judged nothing under this name, so it must not exist: the server says so in its own words.
      this.#expectName('bind', 'portals', { name: bind.portal, refused: 'missing' });
      return this.#forward(encodeBind({ ...bind, statement: reservedName + bind.statement }));
    }
    return this.#unlessSkipped(this.#passPrepared(prepared, bind), (passage) => {
      if (passage.kind === 'refused') {
        this.#expectName('bind', 'portals', { name: bind.portal, refused: passage.refusal });
        return this.#forward(encodeBind({ ...bind, statement: reservedName, parameters: [] }));
      }
      const { names, engine, cursorsOpened } = this.#state;
      names.portals.expect(bind.portal, {
        bytes: prepared.bytes,
        prepared,
        permission: passage.permission,
        meter: this.#state.meter(passage.permission),
        revision: engine.revision,
        cursorsOpened,
        version: names.version,
      });
      names.cursors.set(bind.portal, undefined);
      this.#state.pipeline.push({ kind: 'bind', names: 'portals', refused: undefined });
      return this.#forward(frame);
    });
  }

  /** Judges a prepared statement for one execution: again, unless Parse came in this very chunk. */
  #passPrepared(prepared: Prepared, bind?: Bind): Eventually<Passage> {
    const { engine, judge, turn } = this.#state;
    const { text, recent } = prepared;
    const reusable =
      !judge.readsSoFar && recent?.turn === turn && recent.revision === engine.revision;
    return then(reusable ? recent.judged : this.#judge(text, prepared.known), (judged) => {
      prepared.known = { analysed: judged.analysed, catalog: judged.catalog };
      const passage = this.#gate.pass({ protocol: 'extended', text, bind }, judged);
      return recent === undefined ? then(passage, withoutName) : passage;
    });
  }

  #onExecute(frame: Buffer): Eventually<undefined> {
    const execute = decodeExecute(frame);
    refuseReserved(execute.portal);
    if (!this.#state.names.portals.isSettled(execute.portal)) {
      return this.#later(frontend.execute, frame);
    }
    const portal = this.#livingPortal(execute.portal);
    if (portal === undefined) {
      this.#state.pipeline.push({ ...unpermitted, kind: 'execute', refused: 'missing' });
      return this.#forward(encodeExecute({ ...execute, portal: reservedName + execute.portal }));
    }
    if (portal.permission.runsNamed && portal.version !== this.#state.names.version) {
      return this.#refuseExecute(newName);
    }
    if (portal.revision === this.#state.engine.revision) {
      return this.#sendExecute(frame, execute.portal, portal);
    }
    return this.#unlessSkipped(this.#passPrepared(portal.prepared), (passage) => {
      if (passage.kind === 'refused') return this.#refuseExecute(passage.refusal);
      this.#renew(portal, passage.permission);
      return this.#sendExecute(frame, execute.portal, portal);
    });
  }

  /** Under another policy than it was bound under, a portal's name may not have become that of a SQL cursor. */
  #livingPortal(name: string): Portal | undefined {
    const { names, engine, cursorsOpened } = this.#state;
    const portal = names.portals.lookup(name);
    const mistakable =
      portal?.revision !== engine.revision && portal?.cursorsOpened !== cursorsOpened;
    return mistakable ? undefined : portal;
  }

  #renew(portal: Portal, permission: Permission): void {
    portal.permission = permission;
    portal.meter = this.#state.meter(permission, portal.meter);
    portal.revision = this.#state.engine.revision;
  }

  #refuseExecute(refused: Refusal): undefined {
    this.#state.pipeline.push({ ...unpermitted, kind: 'execute', refused });
    return this.#forward(encodeExecute({ portal: reservedName, rowsMax: 0 }));
  }

  #sendExecute(
    frame: Buffer,
    name: string,
    { prepared, permission, meter }: Portal,
  ): Eventually<undefined> {
    const { pipeline } = this.#state;
    if (meter?.spent !== undefined) {
      const { text } = prepared;
      const { decisions } = permission;
      this.#gate.refuse({ protocol: 'extended', text }, { refusal: meter.spent, decisions });
      return this.#refuseExecute(meter.spent);
    }
    if (permission.masks !== undefined) {
      // A client that skipped Describe must not thereby skip the masks: only the description tells origins.
      pipeline.push({ kind: 'describe', of: 'portal', hidden: true, refused: undefined });
      this.#forward(encodeDescribe({ kind: 'portal', name }));
    }
    pipeline.push({ kind: 'execute', permission, meter, refused: undefined });
    this.#forward(frame);
    return this.#afterForward(permission);
  }

  #onDescribe(frame: Buffer): Eventually<undefined> {
    const { kind, name } = decodeDescribe(frame);
    refuseReserved(name);
    const names = kind === 'statement' ? this.#state.names.statements : this.#state.names.portals;
    if (!names.isSettled(name)) return this.#later(frontend.describe, frame);
    // A portal may be a cursor that SQL declared; its description holds nothing of its rows.
    const isUnknown = kind === 'statement' && names.lookup(name) === undefined;
    const refused = isUnknown ? 'missing' : undefined;
    this.#state.pipeline.push({ kind: 'describe', of: kind, hidden: false, refused });
    if (refused === undefined) return this.#forward(frame);
    return this.#forward(encodeDescribe({ kind, name: reservedName + name }));
  }

  #onClose(frame: Buffer): undefined {
    const { kind, name } = decodeClose(frame);
    const names = kind === 'statement' ? 'statements' : 'portals';
    this.#expectName('close', names, { name, refused: undefined });
    return this.#forward(frame);
  }

  /** A Parse or Bind that must fail, or a Close: from here on the name stands for nothing. */
  #expectName(
    kind: 'parse' | 'bind' | 'close',
    names: 'statements' | 'portals',
    { name, refused }: { readonly name: string; readonly refused: MustFail },
  ): void {
    this.#state.names[names].expect(name, undefined);
    this.#state.pipeline.push({ kind, names, refused });
  }

  #judge(text: string, known?: Known): Eventually<Judged> {
    const { judge, names, settings } = this.#state;
    const { areSettled } = names;
    return then(judge.judgeText(text, settings, known), (judged) => {
      if (areSettled || !runsNamed(judged)) return judged;
      return this.#state.awaitAnswers().then(() => this.#judge(text, judged));
    });
  }
}

const runsNamed = ({ analysed }: Judged): boolean =>
  analysed.kind === 'analysed' && analysed.statements.some((each) => each.runs !== undefined);

/** Who runs what SQL prepared does not prepare it again. */
const withoutName = (passage: Passage): Passage =>
  passage.kind === 'refused'
    ? passage
    : { ...passage, permission: { ...passage.permission, defines: undefined } };

const newName = refusal(
  'statement-unsupported',
  'a name that this portal runs has been given anew',
  {
    hint: 'bind it again',
  },
);

function refuseReserved(name: string): void {
  if (name.startsWith(reservedName)) {
    throw new WireError('message-unexpected', `names that begin with ${reservedName} are reserved`);
  }
}
