// One SSH transport (RFC 4253) over one socket: ssh2 exchanges keys and encrypts, this bounds what the peer can make it
// do, and ends the connection, never more, for whatever goes wrong in it.

import type { Socket } from 'node:net';
import libraryCrypto from 'ssh2/lib/protocol/crypto.js';
import type { Negotiated, Offer } from 'ssh2/lib/protocol/Protocol.js';
import Protocol from 'ssh2/lib/protocol/Protocol.js';
import type { Limits } from '#engine/model';
import { isWeak } from './algorithms.ts';
import { Allowance } from './allowance.ts';
import { CipherChange } from './cipher-change.ts';
import { keepsNoView, prepareKeys, preparePackets } from './fast-ciphers.ts';
import { FieldReader, FieldWriter } from './fields.ts';
import { readGuesses } from './guessed-exchange.ts';
import type { HostKeyVerdict } from './certified-host-key.ts';
import { acceptCertified } from './certified-host-key.ts';
import { beginExchange, offerHybrid } from './hybrid-exchange.ts';
import { IdentificationReader } from './identification.ts';
import { disconnectReasons, messages } from './message-types.ts';
import { OutgoingPackets } from './outgoing-packets.ts';
import { Reading } from './reading.ts';
import { Vigil } from './vigil.ts';
import type { ViolationRule } from './violation.ts';
import { Violation } from './violation.ts';

export type TransportEnd =
  /** The peer went without a word, or the network did. */
  | { readonly kind: 'closed' }
  /** The peer said goodbye; the text is its own. */
  | { readonly kind: 'disconnected'; readonly reason: number; readonly text: string }
  /** This side said goodbye. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'violation'; readonly rule: ViolationRule; readonly message: string };

export interface TransportHandlers {
  /** Once, when the first key exchange is over. @param extensionsWanted RFC 8308 §2.1. */
  readonly secured: (negotiated: Negotiated, extensionsWanted: boolean) => void;
  /** A message above the transport. What it throws ends this connection. */
  readonly message: (payload: Buffer) => void;
  /** Sends something that the peer must answer. */
  readonly ping: () => void;
  /** Once; nothing follows. */
  readonly ended: (end: TransportEnd) => void;
}

export interface TransportOptions {
  readonly role: TransportRole;
  readonly offer: Offer;
  readonly limits: Limits;
  readonly handlers: TransportHandlers;
}

export type TransportRole =
  | { readonly kind: 'server'; readonly hostKeys: Readonly<Record<string, unknown>> }
  | { readonly kind: 'client'; readonly verifyHostKey: (key: Buffer) => HostKeyVerdict };

const identification = 'Sallyport';
const lineFeed = 0x0a;
const packetBurst = 2_000;
/** Packets that are smaller on average are tiny; how much of those is read in one turn. */
const tinyBytes = 512;
const tinyTurnBytes = 4 * 1024;
const rekeyAllowance = { perSecond: 1, burst: 60 };
/** What a peer may have under way when it is cut. */
const lingerMs = 1_000;

/** Also where `socket` errors go; nothing of a transport ever throws to whoever feeds the socket. */
export class Transport {
  readonly socket: Socket;
  readonly limits: Limits;
  readonly outgoing: OutgoingPackets;
  readonly #protocol: Protocol;
  /** Names of key exchanges. */
  readonly #offered: readonly string[];
  readonly #handlers: TransportHandlers;
  readonly identification: IdentificationReader;
  readonly #reading: Reading;
  readonly #vigil: Vigil;
  readonly #packets: Allowance;
  readonly #rekeys: Allowance;
  readonly #isServer: boolean;
  readonly #cipherChange: CipherChange;
  #identified = false;
  #secured = false;
  #loggedIn = false;
  #hostRefused = false;
  #ended = false;
  /** What came and waits for its turn. */
  #unparsed: Buffer | undefined;
  /** Since the peer's own message: then its packets are the library's. */
  #peerExchanges = false;
  #packetsParsed = 0;
  #tiny = false;
  #loginBytes = 0;
  #extensionsWanted = false;

  constructor(socket: Socket, options: TransportOptions) {
    const { role, limits, handlers, offer } = options;
    this.socket = socket;
    this.limits = limits;
    this.#handlers = handlers;
    this.#isServer = role.kind === 'server';
    const now = performance.now();
    const perSecond = limits.packetsPerSecondMax;
    this.#packets = new Allowance({ perSecond, burst: packetBurst, now });
    this.#rekeys = new Allowance({ ...rekeyAllowance, now });
    this.identification = new IdentificationReader(this.#isServer ? 'client' : 'server');
    this.#protocol = new Protocol({
      ...{ server: this.#isServer, offer: copyOf(offer), ident: identification },
      ...(role.kind === 'server'
        ? { hostKeys: role.hostKeys }
        : { hostVerifier: (key) => this.#verified(role.verifyHostKey(key)) }),
      onWrite: (bytes) => this.outgoing.write(bytes),
      onError: (error) => this.#failed(error),
      onHandshakeComplete: (negotiated) => this.#exchanged(negotiated),
    });
    this.#offered = offerHybrid(this.#protocol);
    this.#cipherChange = new CipherChange(this.#protocol);
    this.outgoing = new OutgoingPackets(socket, this.#protocol, limits);
    this.#reading = new Reading(socket);
    this.#vigil = new Vigil(limits, this, (rule, message) => this.cut(rule, message));
    readGuesses(this.#protocol);
    this.#takeMessages();
    this.#open();
  }

  get sessionId(): Buffer {
    const sessionId = this.#protocol._kex?.sessionID;
    if (sessionId === undefined) throw new Violation('message-out-of-order', 'no keys were agreed');
    return sessionId;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get exchanging(): boolean {
    return this.#secured && this.#protocol._kexinit !== undefined;
  }

  /** The login is over: its time and its bytes are no longer counted. */
  loggedIn(): void {
    this.#loggedIn = true;
    this.#vigil.loggedIn();
  }

  /** Somebody is asked who logs in, and has to find the answer. */
  asked(): void {
    this.#vigil.asked();
  }

  /** Data went through: the connection is not idle. */
  active(): void {
    this.#vigil.active();
    if (this.#cipherChange.isDue(this.socket)) this.rekey();
  }

  ping(): void {
    this.#handlers.ping();
  }

  rekey(): void {
    if (!this.#ended && !this.exchanging) this.#protocol.rekey();
  }

  send(payload: Buffer, when: 'now' | 'soon' = 'now'): void {
    if (this.#ended) return;
    const { outgoing } = this;
    if (!(when === 'now' ? outgoing.send(payload) : outgoing.sendSoon(payload))) {
      this.cut('requests-unanswered', 'too much waits for the end of a key exchange');
    }
  }

  /** Says goodbye; what was sent before still arrives. */
  end(text = ''): void {
    this.#end({ kind: 'ended' }, { reason: disconnectReasons.byApplication, text });
  }

  cut(rule: ViolationRule, message: string): void {
    const reason =
      rule === 'login-too-many-tries'
        ? disconnectReasons.noMoreLoginMethods
        : disconnectReasons.protocolError;
    this.#end({ kind: 'violation', rule, message }, { reason, text: message });
  }

  #open(): void {
    const { socket } = this;
    socket.setNoDelay(true);
    socket.on('error', () => this.#end({ kind: 'closed' }));
    socket.once('close', () => {
      this.#end({ kind: 'closed' });
      this.#protocol.cleanup();
    });
    socket.once('end', () => this.#end({ kind: 'closed' }));
    socket.on('drain', () => this.#reading.pause('writes', false));
    void libraryCrypto.init.then(() => {
      if (socket.destroyed) this.#end({ kind: 'closed' });
      if (this.#ended) return;
      this.#protocol.start();
      socket.on('data', (chunk: Buffer) => this.#received(chunk)).resume();
    });
  }

  /** @param read Lasts as long as this call, from a target. */
  #received(read: Buffer): void {
    if (this.#ended) return;
    const isPassing = !this.#isServer && keepsNoView(this.#protocol);
    const chunk = this.#isServer || isPassing ? read : Buffer.from(read);
    this.#vigil.heard();
    try {
      this.#countLogin(chunk.length);
      const bytes = this.#identified ? chunk : this.identification.push(chunk);
      if (bytes === undefined) return;
      if (!this.#identified) this.#takeFirstExchange(bytes);
      else this.#unparsed = bytes;
    } catch (error) {
      this.#failed(error);
    }
    this.#parse();
    if (isPassing && this.#unparsed !== undefined) this.#unparsed = Buffer.from(this.#unparsed);
    this.#reading.came(chunk.length);
  }

  /** The line by itself: behind it there is a decipher, whose first packet begins the first exchange. */
  #takeFirstExchange(bytes: Buffer): void {
    const line = bytes.indexOf(lineFeed) + 1;
    this.#identified = true;
    this.#protocol.parse(bytes, 0, line);
    const decipher = this.#protocol._decipher;
    const library = decipher._onPayload;
    decipher._onPayload = (payload) =>
      payload[0] === messages.keyExchangeInit && this.#protocol._kex === undefined
        ? this.#beginExchange(payload, library)
        : library(payload);
    if (line < bytes.length) this.#unparsed = bytes.subarray(line);
  }

  #beginExchange(payload: Buffer, library: (payload: Buffer) => unknown): unknown {
    this.#peerExchanges = true;
    this.#cipherChange.heard(payload);
    const options = { isServer: this.#isServer, offered: this.#offered, library };
    return beginExchange(this.#protocol, payload, options);
  }

  /**
   * Whole chunks, as long as packets are large. Of tiny ones, which cost as much each, a few in every turn: others come
   * first, and a peer that goes on is read more slowly.
   */
  #parse(): void {
    const bytes = this.#unparsed;
    if (bytes === undefined || this.#ended) return;
    const turn = this.#tiny ? bytes.subarray(0, tinyTurnBytes) : bytes;
    this.#unparsed = turn.length === bytes.length ? undefined : bytes.subarray(turn.length);
    this.#packetsParsed = 0;
    try {
      this.#protocol.parse(turn, 0, turn.length);
    } catch (error) {
      this.#failed(error);
    }
    this.#tiny = this.#packetsParsed * tinyBytes > turn.length;
    const paid = this.#peerExchanges ? turn.length / tinyBytes : this.#packetsParsed;
    const waitMs = this.#packets.take(paid, performance.now());
    this.#reading.pause('writes', this.outgoing.overfull);
    if (this.#unparsed === undefined && waitMs === 0) return;
    this.#reading.pause('turn', true);
    const resume = (): void => {
      this.#parse();
      if (this.#unparsed === undefined) this.#reading.pause('turn', false);
    };
    if (waitMs === 0) setImmediate(resume);
    else setTimeout(resume, Math.max(waitMs, 1));
  }

  #countLogin(bytes: number): void {
    if (this.#loggedIn) return;
    this.#loginBytes += bytes;
    const most = this.limits.startupBytesMax;
    if (this.#loginBytes > most)
      throw new Violation('login-too-large', `more than ${most} bytes before the login`);
  }

  /**
   * The library decodes authentication and channels itself, lossily, and its servers and clients act on it with the
   * four ways to bring them down that this room exists for. Every packet comes through this one property; what is not
   * the transport's own is taken here and never reaches them.
   */
  #takeMessages(): void {
    const protocol = this.#protocol;
    const library = protocol._onPayload;
    protocol._onPayload = (payload) => {
      if (this.#ended) return undefined;
      this.#packetsParsed += 1;
      const type = payload[0] ?? 0;
      if (type === messages.keyExchangeInit) {
        if (this.#rekeys.take(1, performance.now()) > 0) {
          throw new Violation('rekey-flood', 'too many key exchanges');
        }
        return this.#beginExchange(payload, library);
      }
      this.#message(type, payload);
      return undefined;
    };
    // Its own list of signature algorithms lacks a comma, and names SHA-1; it is sent by `#exchanged` instead.
    const complete = protocol._onHandshakeComplete;
    protocol._onHandshakeComplete = (negotiated) => {
      const kex = protocol._kex;
      this.#extensionsWanted = kex?.remoteExtInfoEnabled ?? false;
      prepareKeys(protocol._cipher);
      prepareKeys(protocol._decipher);
      if (!libraryCrypto.bindingAvailable) preparePackets(protocol._cipher);
      if (kex !== undefined) kex.remoteExtInfoEnabled = false;
      complete(negotiated);
    };
  }

  #message(type: number, payload: Buffer): void {
    switch (type) {
      case messages.ignore:
      case messages.unimplemented:
      case messages.debug:
      case messages.extensionInfo:
        return;
      case messages.disconnect:
        return this.#disconnected(payload);
      case 0:
        throw new Violation('packet-malformed', 'a packet without a message');
      default:
        if (type < messages.loginRequest && type > messages.serviceAccept) {
          throw new Violation('message-out-of-order', `message ${type} outside of a key exchange`);
        }
        this.#handlers.message(payload);
    }
  }

  /** RFC 4253 §11.4: for message numbers that nobody knows. */
  sendUnimplemented(): void {
    const sequence = (this.#protocol._decipher.inSeqno - 1) >>> 0;
    this.send(new FieldWriter(messages.unimplemented).uint32(sequence).payload());
  }

  #disconnected(payload: Buffer): void {
    const fields = new FieldReader(payload, 1);
    const reason = fields.uint32();
    const text = fields.remaining === 0 ? '' : fields.text();
    this.#end({ kind: 'disconnected', reason, text });
  }

  #exchanged(negotiated: Negotiated): void {
    this.#vigil.exchanged();
    this.#peerExchanges = false;
    this.#cipherChange.agreed(negotiated);
    if (isWeak(negotiated, this.#protocol._strictMode === true)) {
      this.cut('algorithm-weak', 'this cipher needs strict key exchange, which you do not offer');
      return;
    }
    if (!this.#secured) {
      this.#secured = true;
      this.#handlers.secured(negotiated, this.#extensionsWanted);
    }
    this.outgoing.wake();
  }

  #verified(verdict: HostKeyVerdict): boolean {
    const exchange = this.#protocol._kex;
    if (Buffer.isBuffer(verdict) && exchange !== undefined) acceptCertified(exchange, verdict);
    this.#hostRefused = verdict === false;
    return verdict !== false;
  }

  #failed(error: unknown): void {
    if (error instanceof Violation) return this.cut(error.rule, error.message);
    const message = error instanceof Error ? error.message : String(error);
    const rule = this.#hostRefused ? 'host-key-refused' : 'transport-failed';
    this.cut(rule, message);
  }

  #end(end: TransportEnd, goodbye?: { readonly reason: number; readonly text: string }): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#vigil.stop();
    if (goodbye !== undefined && this.#protocol._destruct !== undefined) {
      const { reason, text } = goodbye;
      const fields = new FieldWriter(messages.disconnect).uint32(reason).text(text).text('');
      if (this.#identified) this.outgoing.sendAnyway(fields.payload());
    }
    this.outgoing.close();
    const timer = setTimeout(() => this.socket.destroy(), lingerMs);
    this.socket.once('close', () => clearTimeout(timer));
    this.socket.end();
    this.#reading.end();
    this.#handlers.ended(end);
  }
}

/** The library extends the lists that it is given. */
const copyOf = (offer: Offer): Offer => ({ ...offer, kex: [...offer.kex] });
