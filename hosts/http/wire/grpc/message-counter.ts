// Follows the messages in a gRPC body ("gRPC over HTTP2", Length-Prefixed-Message) without keeping them.

export const grpcRules = {
  'compressed-flag': 'the first byte of a message is neither 0 nor 1',
  'message-too-large': 'a message is larger than the limit',
  'message-cut': 'the body ends inside a message',
} as const;

export type GrpcRule = keyof typeof grpcRules;

export class GrpcMessageError extends Error {
  override readonly name = 'GrpcMessageError';
  readonly rule: GrpcRule;

  constructor(rule: GrpcRule) {
    super(grpcRules[rule]);
    this.rule = rule;
  }
}

const prefixBytes = 5;

export class GrpcMessageCounter {
  /** That have ended. */
  messages = 0;
  /** Of the body, prefixes included. */
  bytes = 0;

  readonly #messageBytesMax: number;
  #prefixRead = 0;
  #length = 0;
  #left = 0;

  constructor(messageBytesMax: number) {
    this.#messageBytesMax = messageBytesMax;
  }

  /** @throws GrpcMessageError */
  push(chunk: Buffer): void {
    this.bytes += chunk.length;
    for (let at = 0; at < chunk.length;) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - at);
        this.#left -= taken;
        at += taken;
        if (this.#left === 0) this.messages += 1;
        continue;
      }
      this.#readPrefix(chunk.readUInt8(at));
      at += 1;
    }
  }

  /** @throws GrpcMessageError when the body ends here */
  end(): void {
    if (this.#left > 0 || this.#prefixRead > 0) throw new GrpcMessageError('message-cut');
  }

  #readPrefix(byte: number): void {
    if (this.#prefixRead === 0 && byte > 1) throw new GrpcMessageError('compressed-flag');
    this.#length = this.#prefixRead === 0 ? 0 : this.#length * 256 + byte;
    this.#prefixRead += 1;
    if (this.#prefixRead < prefixBytes) return;
    if (this.#length > this.#messageBytesMax) throw new GrpcMessageError('message-too-large');
    this.#prefixRead = 0;
    this.#left = this.#length;
    if (this.#left === 0) this.messages += 1;
  }
}
