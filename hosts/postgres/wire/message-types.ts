// The closed list of message type bytes, PostgreSQL "Message Formats", protocol 3.0.

export const frontend = {
  bind: 0x42, // B
  close: 0x43, // C
  copyData: 0x64, // d
  copyDone: 0x63, // c
  copyFail: 0x66, // f
  describe: 0x44, // D
  execute: 0x45, // E
  flush: 0x48, // H
  functionCall: 0x46, // F
  parse: 0x50, // P
  /** PasswordMessage, SASLInitialResponse, SASLResponse and GSSResponse: told apart by state only. */
  password: 0x70, // p
  query: 0x51, // Q
  sync: 0x53, // S
  terminate: 0x58, // X
} as const;

export const backend = {
  authentication: 0x52, // R
  backendKeyData: 0x4b, // K
  bindComplete: 0x32, // 2
  closeComplete: 0x33, // 3
  commandComplete: 0x43, // C
  copyBothResponse: 0x57, // W
  copyData: 0x64, // d
  copyDone: 0x63, // c
  copyInResponse: 0x47, // G
  copyOutResponse: 0x48, // H
  dataRow: 0x44, // D
  emptyQueryResponse: 0x49, // I
  errorResponse: 0x45, // E
  functionCallResponse: 0x56, // V
  negotiateProtocolVersion: 0x76, // v
  noData: 0x6e, // n
  noticeResponse: 0x4e, // N
  notificationResponse: 0x41, // A
  parameterDescription: 0x74, // t
  parameterStatus: 0x53, // S
  parseComplete: 0x31, // 1
  portalSuspended: 0x73, // s
  readyForQuery: 0x5a, // Z
  rowDescription: 0x54, // T
} as const;

export type FrontendName = keyof typeof frontend;
export type BackendName = keyof typeof backend;
export type FrontendType = (typeof frontend)[FrontendName];
export type BackendType = (typeof backend)[BackendName];

/** Who sends: `frontend` is the client's side of a connection, `backend` the server's. */
export type Direction = 'frontend' | 'backend';

const namesByType = (types: Readonly<Record<string, number>>): ReadonlyMap<number, string> =>
  new Map(Object.entries(types).map(([name, type]) => [type, name]));

const names = { frontend: namesByType(frontend), backend: namesByType(backend) };

/** The message's name, or undefined if the list does not have it. */
export const messageName = (direction: Direction, type: number): string | undefined =>
  names[direction].get(type);

/** 256 entries, 1 where the byte is in `types`: a set that a loop over frames can afford to ask. */
export const typeTable = (types: Iterable<number>): Uint8Array => {
  const table = new Uint8Array(256);
  for (const type of types) table[type] = 1;
  return table;
};
