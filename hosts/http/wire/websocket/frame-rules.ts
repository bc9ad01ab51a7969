// What a WebSocket peer may do wrong, by name, with the status code that it is told (RFC 6455 §7.4.1).

const protocolError = 1002;
const invalidPayload = 1007;
const tooBig = 1009;

export const frameRules = {
  'frame-reserved-bits': [protocolError, 'a reserved bit is set and no extension was negotiated'],
  'frame-opcode': [protocolError, 'the opcode is not defined'],
  'frame-length': [protocolError, 'the length is not in its shortest form, or not representable'],
  'frame-mask': [protocolError, 'a client must mask its frames and a server must not'],
  'frame-after-close': [protocolError, 'there are bytes behind the close frame'],
  'control-fragmented': [protocolError, 'a control frame is fragmented'],
  'control-length': [protocolError, 'a control frame has more than 125 bytes'],
  'fragment-order': [
    protocolError,
    'a continuation without a message, or a new message inside another',
  ],
  'close-payload': [protocolError, 'a close frame has a payload of one byte'],
  'close-code': [protocolError, 'the status code may not be sent'],
  'close-reason': [invalidPayload, 'the reason is not UTF-8'],
  'text-utf8': [invalidPayload, 'a text message is not UTF-8'],
  'message-too-large': [tooBig, 'the message is larger than the limit'],
} as const;

export type FrameRule = keyof typeof frameRules;

/** The one failure of the frame codec. Its text holds nothing that the peer sent. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly rule: FrameRule;
  /** For the close frame that answers it. */
  readonly closeCode: 1002 | 1007 | 1009;

  constructor(rule: FrameRule) {
    const [closeCode, message] = frameRules[rule];
    super(message);
    this.rule = rule;
    this.closeCode = closeCode;
  }
}
