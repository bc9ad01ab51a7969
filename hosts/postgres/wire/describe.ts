// Describe (F) 'D' and Close (F) 'C': 'S' or 'P', name. PostgreSQL "Message Formats".

import { openFrame } from './body-reader.ts';
import { frameBody } from './body-writer.ts';
import { frontend } from './message-types.ts';
import { malformed } from './wire-error.ts';

/** A prepared statement or a portal, named; the empty name is the unnamed one. */
export interface Named {
  readonly kind: 'statement' | 'portal';
  readonly name: string;
}

const statementByte = 0x53;
const portalByte = 0x50;

const decodeNamed = (frame: Buffer, type: number): Named => {
  const body = openFrame(frame, type);
  const byte = body.uint8();
  if (byte !== statementByte && byte !== portalByte) {
    throw malformed('neither a statement nor a portal');
  }
  const name = body.text();
  body.finish();
  return { kind: byte === statementByte ? 'statement' : 'portal', name };
};

const encodeNamed = ({ kind, name }: Named, type: number): Buffer =>
  frameBody()
    .uint8(kind === 'statement' ? statementByte : portalByte)
    .text(name)
    .frame(type);

export const decodeDescribe = (frame: Buffer): Named => decodeNamed(frame, frontend.describe);

export const encodeDescribe = (named: Named): Buffer => encodeNamed(named, frontend.describe);

export const decodeClose = (frame: Buffer): Named => decodeNamed(frame, frontend.close);

export const encodeClose = (named: Named): Buffer => encodeNamed(named, frontend.close);
