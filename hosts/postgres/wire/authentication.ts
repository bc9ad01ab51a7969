// Authentication* (B), all 'R', told apart by an Int32. PostgreSQL "Message Formats".

import { openFrame, type BodyReader } from './body-reader.ts';
import { frameBody } from './body-writer.ts';
import { backend } from './message-types.ts';
import { WireError } from './wire-error.ts';

export type Authentication =
  | { readonly kind: 'ok' }
  | { readonly kind: 'kerberos-v5' }
  | { readonly kind: 'cleartext-password' }
  | { readonly kind: 'md5-password'; readonly salt: Buffer }
  | { readonly kind: 'gss' }
  | { readonly kind: 'gss-continue'; readonly payload: Buffer }
  | { readonly kind: 'sspi' }
  | { readonly kind: 'sasl'; readonly mechanisms: readonly string[] }
  | { readonly kind: 'sasl-continue'; readonly payload: Buffer }
  | { readonly kind: 'sasl-final'; readonly payload: Buffer };

const codes = {
  ok: 0,
  'kerberos-v5': 2,
  'cleartext-password': 3,
  'md5-password': 5,
  gss: 7,
  'gss-continue': 8,
  sspi: 9,
  sasl: 10,
  'sasl-continue': 11,
  'sasl-final': 12,
} as const satisfies Record<Authentication['kind'], number>;

const kinds: ReadonlyMap<number, Authentication['kind']> = new Map(
  Object.entries(codes).map(([kind, code]) => [code, kind as Authentication['kind']]),
);

export const decodeAuthentication = (frame: Buffer): Authentication => {
  const body = openFrame(frame, backend.authentication);
  const code = body.int32();
  const kind = kinds.get(code);
  if (kind === undefined) throw new WireError('message-unknown', `authentication kind ${code}`);
  const authentication = decodeKind(kind, body);
  body.finish();
  return authentication;
};

const decodeKind = (kind: Authentication['kind'], body: BodyReader): Authentication => {
  switch (kind) {
    case 'ok':
    case 'kerberos-v5':
    case 'cleartext-password':
    case 'gss':
    case 'sspi':
      return { kind };
    case 'md5-password':
      return { kind, salt: body.bytes(4) };
    case 'sasl':
      return { kind, mechanisms: decodeMechanisms(body) };
    case 'gss-continue':
    case 'sasl-continue':
    case 'sasl-final':
      return { kind, payload: body.rest() };
  }
};

const decodeMechanisms = (body: BodyReader): readonly string[] => {
  const mechanisms: string[] = [];
  for (;;) {
    const mechanism = body.text();
    if (mechanism === '') return mechanisms;
    mechanisms.push(mechanism);
  }
};

export const encodeAuthentication = (authentication: Authentication): Buffer => {
  const body = frameBody().int32(codes[authentication.kind]);
  switch (authentication.kind) {
    case 'ok':
    case 'kerberos-v5':
    case 'cleartext-password':
    case 'gss':
    case 'sspi':
      break;
    case 'md5-password':
      body.bytes(authentication.salt);
      break;
    case 'sasl':
      for (const mechanism of authentication.mechanisms) body.text(mechanism);
      body.uint8(0);
      break;
    case 'gss-continue':
    case 'sasl-continue':
    case 'sasl-final':
      body.bytes(authentication.payload);
      break;
  }
  return body.frame(backend.authentication);
};
