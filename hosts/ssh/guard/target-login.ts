// Logging in at a target (RFC 4252, RFC 4256): with what the gateway was given for it, and nothing else.

import { UpstreamError } from '#engine/model';
import { FieldReader, FieldWriter } from './fields.ts';
import { messages } from './message-types.ts';
import type { Transport } from './transport.ts';
import { Violation } from './violation.ts';

export type TargetCredential =
  | {
      readonly kind: 'key';
      /** As the target must know it: of a certificate, `…-cert-v01@openssh.com`. */
      readonly algorithm: string;
      /** The key or the certificate as SSH encodes it. */
      readonly publicKey: Buffer;
      /** @returns `string format, string blob` (RFC 4253 §6.6). */
      readonly sign: (data: Buffer) => Buffer;
    }
  | { readonly kind: 'password'; readonly password: string };

const loginService = 'ssh-userauth';
const connectionService = 'ssh-connection';
/** A target that goes on asking is not going to accept. */
const dialogsMax = 4;

export class TargetLogin {
  readonly accepted: Promise<void>;
  /** At once, unlike `accepted`: messages of the next phase may be in the same packet of the network. */
  onAccepted: (() => void) | undefined;
  readonly #settle: PromiseWithResolvers<void>;
  readonly #transport: Transport;
  readonly #username: string;
  readonly #credential: TargetCredential;
  #state: 'keys' | 'service' | 'sent' | 'dialog' | 'done' = 'keys';
  #dialogs = 0;

  constructor(transport: Transport, username: string, credential: TargetCredential) {
    this.#transport = transport;
    this.#username = username;
    this.#credential = credential;
    this.#settle = Promise.withResolvers();
    this.accepted = this.#settle.promise;
  }

  begin(): void {
    this.#state = 'service';
    this.#transport.send(new FieldWriter(messages.serviceRequest).text(loginService).payload());
  }

  fail(error: UpstreamError): void {
    this.#settle.reject(error);
  }

  /** @throws Violation */
  message(payload: Buffer): void {
    const type = payload[0];
    const fields = new FieldReader(payload, 1);
    if (type === messages.loginBanner) return;
    if (type === messages.serviceAccept && this.#state === 'service') {
      this.#present();
    } else if (type === messages.loginSuccess && this.#waits) {
      fields.end();
      this.#state = 'done';
      this.#transport.loggedIn();
      this.onAccepted?.();
      this.#settle.resolve();
    } else if (type === messages.loginFailure && this.#waits) {
      this.#refused(fields);
    } else if (type === messages.loginInfoRequest && this.#state === 'dialog') {
      this.#answer(fields);
    } else {
      throw new Violation(
        'message-out-of-order',
        'a target that is logging us in does not say this',
      );
    }
  }

  get #waits(): boolean {
    return this.#state === 'sent' || this.#state === 'dialog';
  }

  #present(): void {
    this.#state = 'sent';
    const credential = this.#credential;
    if (credential.kind === 'password') {
      const request = this.#request('password').boolean(false).text(credential.password);
      this.#transport.send(request.payload());
      return;
    }
    const { algorithm, publicKey, sign } = credential;
    const request = this.#request('publickey').boolean(true).text(algorithm).bytes(publicKey);
    const message = request.payload();
    const { sessionId } = this.#transport;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(sessionId.length);
    const signature = sign(Buffer.concat([length, sessionId, message]));
    this.#transport.send(request.bytes(signature).payload());
  }

  #request(method: string): FieldWriter {
    const fields = new FieldWriter(messages.loginRequest);
    return fields.text(this.#username).text(connectionService).text(method);
  }

  /** Servers that ask for passwords by dialog only (PAM) say so. */
  #refused(fields: FieldReader): void {
    const methods = fields.names();
    const isPartial = fields.boolean();
    fields.end();
    const canAsk = methods.includes('keyboard-interactive');
    if (this.#credential.kind === 'password' && this.#state === 'sent' && canAsk && !isPartial) {
      this.#state = 'dialog';
      this.#transport.send(this.#request('keyboard-interactive').text('').text('').payload());
      return;
    }
    const hint = isPartial
      ? 'the target wants another proof besides; let it be content with one'
      : "check the target's credential, and that the account on the target takes it";
    const message = `the target refuses ${this.#username}`;
    this.#settle.reject(new UpstreamError('upstream-refused', message, { hint }));
    this.#transport.end();
  }

  /** One hidden question is the password's; more, or shown ones, are not for the gateway to answer. */
  #answer(fields: FieldReader): void {
    fields.text();
    fields.text();
    fields.text();
    const count = fields.uint32();
    this.#dialogs += 1;
    const credential = this.#credential;
    if (count > 1 || this.#dialogs > dialogsMax || credential.kind !== 'password') {
      throw new Violation('message-out-of-order', 'a dialog that only a person could answer');
    }
    const response = new FieldWriter(messages.loginInfoResponse).uint32(count);
    if (count === 1) {
      fields.text();
      if (fields.boolean()) throw new Violation('message-out-of-order', 'a question with echo');
      response.text(credential.password);
    }
    fields.end();
    this.#transport.send(response.payload());
  }
}
