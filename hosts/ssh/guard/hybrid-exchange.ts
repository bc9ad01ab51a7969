// mlkem768x25519-sha256 (draft-ietf-sshm-mlkem-hybrid-kex): keys that stay secret from who records today and has a
// quantum computer later. The library knows X25519 alone: its exchange is given other public values and another secret.

import type { KeyObject } from 'node:crypto';
import * as crypto from 'node:crypto';
import type Protocol from 'ssh2/lib/protocol/Protocol.js';
import type { Exchange, Negotiated } from 'ssh2/lib/protocol/Protocol.js';
import { FieldReader, FieldWriter } from './fields.ts';

export const hybridName = 'mlkem768x25519-sha256';
const carrierName = 'curve25519-sha256';
/** Node 24 has it; without it nothing is offered. */
export const hybridAvailable =
  typeof (crypto as { encapsulate?: unknown }).encapsulate === 'function';

/** DER of public keys in front of their bytes (RFC 8410, draft-ietf-lamps-kyber-certificates). */
const x25519Prefix = Buffer.from('302a300506032b656e032100', 'hex');
const mlkemPrefix = Buffer.from('308204b2300b0609608648016503040402038204a100', 'hex');
const x25519Bytes = 32;
const mlkemKeyBytes = 1184;
const mlkemTextBytes = 1088;

const keyExchangeStart = 30;
/** Of SSH_MSG_KEXINIT, behind the cookie. */
const listsOffset = 17;
/** In a plain packet, behind its length and the length of its padding. */
const typeOffset = 5;

/** What was offered; keeps the library from choosing the name that it could not act on, though it is sent. */
export function offerHybrid(protocol: Protocol): readonly string[] {
  const { kex } = protocol._offer.lists;
  const offered = kex.array;
  kex.array = offered.filter((name) => name !== hybridName);
  return offered;
}

export interface BeginOptions {
  readonly isServer: boolean;
  readonly offered: readonly string[];
  /** Where the message would have gone. */
  readonly library: (payload: Buffer) => unknown;
}

/**
 * Hands SSH_MSG_KEXINIT to the library, and makes the exchange that it begins a hybrid one when that is what both sides
 * want most.
 */
export function beginExchange(
  protocol: Protocol,
  payload: Buffer,
  { isServer, offered, library }: BeginOptions,
): unknown {
  const theirs = namesOf(payload);
  const [client, server] = isServer ? [theirs, offered] : [offered, theirs];
  // RFC 4253 §7.1: the first of the client's names that the server has.
  const chosen = client.find((name) => server.includes(name));
  if (!hybridAvailable || chosen !== hybridName) return library(payload);
  const before = protocol._kex;
  const cipher = protocol._cipher;
  const encrypt = cipher.encrypt.bind(cipher);
  // Clients begin at once, with a value of X25519 alone, which must not go out.
  cipher.encrypt = (packet) => {
    if (packet[typeOffset] !== keyExchangeStart) encrypt(packet);
  };
  const { kex } = protocol._offer.lists;
  const known = kex.array;
  kex.array = offered.map(carried);
  const result = library(renamed(payload, theirs));
  kex.array = known;
  cipher.encrypt = encrypt;
  const exchange = protocol._kex;
  if (exchange === undefined || exchange === before) return result;
  // What both sides sign is what was sent.
  exchange._remoteKexinit = payload;
  makeHybrid(exchange, isServer);
  if (!isServer) exchange.start();
  return result;
}

const namesOf = (payload: Buffer): readonly string[] =>
  new FieldReader(payload, listsOffset).names();

const carried = (name: string): string => (name === hybridName ? carrierName : name);

/** As if X25519 had been named in its place. */
function renamed(payload: Buffer, theirs: readonly string[]): Buffer {
  const fields = new FieldReader(payload, listsOffset);
  fields.names();
  const list = new FieldWriter(0).names(theirs.map(carried)).payload().subarray(1);
  return Buffer.concat([payload.subarray(0, listsOffset), list, fields.rest()]);
}

function makeHybrid(exchange: Exchange, isServer: boolean): void {
  const own = crypto.generateKeyPairSync('x25519');
  const ownPoint = own.publicKey.export({ type: 'spki', format: 'der' }).subarray(-x25519Bytes);
  const negotiated: Negotiated = { ...exchange.negotiated, kex: hybridName };
  exchange.negotiated = negotiated;
  exchange.convertPublicKey = (value) => value;
  const classical = (point: Buffer): Buffer =>
    crypto.diffieHellman({ privateKey: own.privateKey, publicKey: publicKey(x25519Prefix, point) });
  if (isServer) {
    let answer = Buffer.alloc(0);
    exchange.getPublicKey = () => answer;
    exchange.computeSecret = attempt((value) => {
      const { start, point } = split(value, mlkemKeyBytes);
      const { sharedKey, ciphertext } = crypto.encapsulate(publicKey(mlkemPrefix, start));
      answer = Buffer.concat([ciphertext, ownPoint]);
      return digest(sharedKey, classical(point));
    });
    return;
  }
  const hidden = crypto.generateKeyPairSync('ml-kem-768');
  const shown = hidden.publicKey.export({ type: 'spki', format: 'der' }).subarray(-mlkemKeyBytes);
  const question = Buffer.concat([shown, ownPoint]);
  exchange.getPublicKey = () => question;
  exchange.computeSecret = attempt((value) => {
    const { start, point } = split(value, mlkemTextBytes);
    return digest(crypto.decapsulate(hidden.privateKey, start), classical(point));
  });
}

const publicKey = (prefix: Buffer, bytes: Buffer): KeyObject =>
  crypto.createPublicKey({ key: Buffer.concat([prefix, bytes]), type: 'spki', format: 'der' });

function split(value: Buffer, bytes: number): { readonly start: Buffer; readonly point: Buffer } {
  if (value.length !== bytes + x25519Bytes) throw new Error('a public value of the wrong length');
  return { start: value.subarray(0, bytes), point: value.subarray(bytes) };
}

/** The secret is a string of 32 bytes, not a number. */
const digest = (first: Buffer, second: Buffer): Buffer =>
  crypto.createHash('sha256').update(first).update(second).digest();

/** The library takes errors as results. */
const attempt =
  (compute: (value: Buffer) => Buffer) =>
  (value: Buffer): Buffer | Error => {
    try {
      return compute(value);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  };
