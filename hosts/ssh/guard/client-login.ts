// Logins of clients (RFC 4252, RFC 4256): one attempt at a time, under one name, a bounded number of times.

import { FieldReader, FieldWriter } from './fields.ts';
import { messages } from './message-types.ts';
import type { Transport } from './transport.ts';
import { Violation } from './violation.ts';

export interface Prompt {
  readonly text: string;
  /** What is typed may be shown. */
  readonly echo: boolean;
}

export interface Dialog {
  /** Answers, as many as prompts; undefined when the client has given the attempt up. */
  readonly ask: (asked: {
    readonly title: string;
    readonly instruction: string;
    readonly prompts: readonly Prompt[];
  }) => Promise<readonly string[] | undefined>;
}

export type LoginAttempt = { readonly username: string } & (
  | { readonly kind: 'none' }
  /** Would this key do? */
  | { readonly kind: 'key-query'; readonly algorithm: string; readonly publicKey: Buffer }
  | {
      readonly kind: 'key';
      /** As the client named it: of certificates, that of the certificate. */
      readonly algorithm: string;
      readonly publicKey: Buffer;
      /** `string format, string blob` and what security keys add (RFC 4253 §6.6). */
      readonly signature: Buffer;
      /** What is signed (RFC 4252 §7). */
      readonly signed: Buffer;
    }
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'dialog'; readonly dialog: Dialog }
);

export type LoginMethod = 'publickey' | 'password' | 'keyboard-interactive';

export type LoginAnswer =
  | { readonly kind: 'accepted' }
  /** Only to a `key-query`. */
  | { readonly kind: 'key-known' }
  | {
      readonly kind: 'refused';
      /** What may be tried next. */
      readonly methods: readonly LoginMethod[];
      /** The attempt was right, and more is asked for. */
      readonly partial: boolean;
    };

export interface ClientLoginOptions {
  readonly transport: Transport;
  /** Text for people, before they log in. */
  readonly banner: string | undefined;
  readonly authenticate: (attempt: LoginAttempt) => Promise<LoginAnswer>;
  readonly onAccepted: (username: string) => void;
}

const loginService = 'ssh-userauth';
const connectionService = 'ssh-connection';
const responsesMax = 16;

interface OpenAttempt {
  readonly kind: LoginAttempt['kind'];
  answers: ((answers: readonly string[] | undefined) => void) | undefined;
}

export class ClientLogin {
  readonly #options: ClientLoginOptions;
  #begun = false;
  #accepted = false;
  #username: string | undefined;
  #tries = 0;
  #open: OpenAttempt | undefined;

  constructor(options: ClientLoginOptions) {
    this.#options = options;
  }

  /** @throws Violation */
  message(payload: Buffer): void {
    const fields = new FieldReader(payload, 1);
    switch (payload[0]) {
      case messages.serviceRequest:
        return this.#serviceRequest(fields);
      case messages.loginRequest:
        // RFC 4252 §5.1: silently ignored.
        if (!this.#accepted) this.#request(fields, payload);
        return;
      case messages.loginInfoResponse:
        return this.#response(fields);
      default:
        throw new Violation('message-out-of-order', 'this is not for someone who is logging in');
    }
  }

  /** Whoever waits for the client's answers waits no longer. */
  lost(): void {
    this.#open?.answers?.(undefined);
    this.#open = undefined;
  }

  #serviceRequest(fields: FieldReader): void {
    const name = fields.text();
    fields.end();
    if (this.#begun || name !== loginService) {
      throw new Violation('message-out-of-order', 'this service is not to be had');
    }
    this.#begun = true;
    const { transport, banner } = this.#options;
    transport.send(new FieldWriter(messages.serviceAccept).text(name).payload());
    if (banner === undefined) return;
    transport.send(new FieldWriter(messages.loginBanner).text(banner).text('').payload());
  }

  #request(fields: FieldReader, payload: Buffer): void {
    if (!this.#begun) throw new Violation('message-out-of-order', 'a login without its service');
    const username = fields.text();
    const service = fields.text();
    const method = fields.text();
    if (service !== connectionService) {
      throw new Violation('message-out-of-order', 'this service is not to be had');
    }
    this.#username ??= username;
    if (username !== this.#username) {
      throw new Violation('login-name-changed', 'the user name must stay the same');
    }
    this.#giveUpDialog();
    void this.#decide(this.#read(method, username, fields, payload));
  }

  /** A new attempt ends a dialog (RFC 4256 §3.1); anything else is decided before the next may come. */
  #giveUpDialog(): void {
    if (this.#open === undefined) return;
    if (this.#open.kind !== 'dialog') {
      throw new Violation('message-out-of-order', 'one attempt to log in at a time');
    }
    const { answers } = this.#open;
    this.#open = undefined;
    answers?.(undefined);
    this.#countTry();
  }

  #read(
    method: string,
    username: string,
    fields: FieldReader,
    payload: Buffer,
  ): LoginAttempt | undefined {
    switch (method) {
      case 'none':
        fields.end();
        return { kind: 'none', username };
      case 'publickey':
        return this.#readKey(username, fields, payload);
      case 'password': {
        const isChange = fields.boolean();
        const password = fields.text();
        if (isChange) return undefined;
        fields.end();
        return { kind: 'password', username, password };
      }
      case 'keyboard-interactive':
        fields.text();
        fields.text();
        fields.end();
        return { kind: 'dialog', username, dialog: { ask: (asked) => this.#ask(asked) } };
      default:
        return undefined;
    }
  }

  #readKey(username: string, fields: FieldReader, payload: Buffer): LoginAttempt {
    const isSigned = fields.boolean();
    const algorithm = fields.text();
    const publicKey = Buffer.from(fields.bytes());
    if (!isSigned) {
      fields.end();
      return { kind: 'key-query', username, algorithm, publicKey };
    }
    const message = payload.subarray(0, fields.offset);
    const signature = Buffer.from(fields.bytes());
    fields.end();
    const { sessionId } = this.#options.transport;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(sessionId.length);
    const signed = Buffer.concat([length, sessionId, message]);
    return { kind: 'key', username, algorithm, publicKey, signature, signed };
  }

  async #decide(attempt: LoginAttempt | undefined): Promise<void> {
    const { transport, authenticate } = this.#options;
    // Methods that nobody has are asked about as `none`, so that the answer names those that there are.
    const asked = attempt ?? { kind: 'none', username: this.#username ?? '' };
    const open: OpenAttempt = { kind: asked.kind, answers: undefined };
    this.#open = open;
    let answer: LoginAnswer;
    try {
      answer = await authenticate(asked);
    } catch {
      answer = { kind: 'refused', methods: [], partial: false };
    }
    if (this.#open !== open || transport.ended) return;
    this.#open = undefined;
    if (attempt === undefined && answer.kind === 'accepted') return this.#refuse([], false);
    this.#reply(asked, answer);
  }

  #reply(attempt: LoginAttempt, answer: LoginAnswer): void {
    const { transport, onAccepted } = this.#options;
    switch (answer.kind) {
      case 'accepted':
        // The question about a key proves nothing.
        if (attempt.kind === 'key-query') return this.#refuse([], false);
        this.#accepted = true;
        transport.loggedIn();
        transport.send(new FieldWriter(messages.loginSuccess).payload());
        onAccepted(attempt.username);
        return;
      case 'key-known': {
        if (attempt.kind !== 'key-query') return this.#refuse([], false);
        const known = new FieldWriter(messages.loginInfoRequest);
        transport.send(known.text(attempt.algorithm).bytes(attempt.publicKey).payload());
        return;
      }
      case 'refused':
        if (attempt.kind !== 'none' && !answer.partial && !this.#countTry()) return;
        this.#refuse(answer.methods, answer.partial);
    }
  }

  #refuse(methods: readonly LoginMethod[], partial: boolean): void {
    const failure = new FieldWriter(messages.loginFailure).names(methods).boolean(partial);
    this.#options.transport.send(failure.payload());
  }

  #countTry(): boolean {
    const { transport } = this.#options;
    this.#tries += 1;
    if (this.#tries < transport.limits.loginTriesMax) return true;
    transport.cut('login-too-many-tries', 'too many attempts to log in');
    return false;
  }

  #ask({ title, instruction, prompts }: Parameters<Dialog['ask']>[0]): ReturnType<Dialog['ask']> {
    const open = this.#open;
    const { transport } = this.#options;
    if (open?.kind !== 'dialog' || transport.ended) return Promise.resolve(undefined);
    const fields = new FieldWriter(messages.loginInfoRequest)
      .text(title)
      .text(instruction)
      .text('');
    fields.uint32(prompts.length);
    for (const { text, echo } of prompts) fields.text(text).boolean(echo);
    transport.send(fields.payload());
    transport.asked();
    const { promise, resolve } = Promise.withResolvers<readonly string[] | undefined>();
    open.answers = (answers) => {
      const fitting = answers === undefined || answers.length === prompts.length;
      if (!fitting) throw new Violation('packet-malformed', 'not as many answers as questions');
      open.answers = undefined;
      resolve(answers);
    };
    return promise;
  }

  #response(fields: FieldReader): void {
    const answers = this.#open?.answers;
    if (answers === undefined) throw new Violation('reply-unexpected', 'an answer to no question');
    const count = fields.uint32();
    if (count > responsesMax) throw new Violation('packet-malformed', 'too many answers');
    const texts = Array.from({ length: count }, () => fields.text());
    fields.end();
    answers(texts);
  }
}
