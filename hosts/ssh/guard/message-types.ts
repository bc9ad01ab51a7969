// Message numbers (RFC 4250 §4.1) and the codes that some of them carry.

export const messages = {
  disconnect: 1,
  ignore: 2,
  unimplemented: 3,
  debug: 4,
  serviceRequest: 5,
  serviceAccept: 6,
  extensionInfo: 7,
  keyExchangeInit: 20,
  loginRequest: 50,
  loginFailure: 51,
  loginSuccess: 52,
  loginBanner: 53,
  /** Also asks for a new password, or says that a key would do. */
  loginInfoRequest: 60,
  loginInfoResponse: 61,
  globalRequest: 80,
  requestSuccess: 81,
  requestFailure: 82,
  channelOpen: 90,
  channelOpenConfirmation: 91,
  channelOpenFailure: 92,
  channelWindowAdjust: 93,
  channelData: 94,
  channelExtendedData: 95,
  channelEof: 96,
  channelClose: 97,
  channelRequest: 98,
  channelSuccess: 99,
  channelFailure: 100,
} as const;

/** RFC 4250 §4.2.2. */
export const disconnectReasons = {
  protocolError: 2,
  hostKeyNotVerifiable: 9,
  byApplication: 11,
  noMoreLoginMethods: 14,
} as const;

/** RFC 4254 §5.1. */
export const openFailures = {
  prohibited: 1,
  connectFailed: 2,
  unknownType: 3,
  resourceShortage: 4,
} as const;

/** RFC 4254 §5.2; no other type of extended data is known. */
export const standardError = 1;
