// The part of ssh2's transport layer that the guards use. Its public classes bring authentication and channels of
// their own, which are not used; so this reaches below them, for exactly the pinned version.

declare module 'ssh2/lib/protocol/Protocol.js' {
  interface NegotiatedWay {
    readonly cipher: string;
    readonly mac: string;
    readonly compress: string;
  }
  interface Negotiated {
    readonly kex: string;
    serverHostKey: string;
    readonly cs: NegotiatedWay;
    readonly sc: NegotiatedWay;
  }
  interface OfferWay {
    readonly cipher: readonly string[];
    readonly mac: readonly string[];
    readonly compress: readonly string[];
    readonly lang: readonly string[];
  }
  interface Offer {
    readonly kex: readonly string[];
    readonly serverHostKey: readonly string[];
    readonly cs: OfferWay;
    readonly sc: OfferWay;
  }
  /** What is chosen from, and how it is sent. */
  interface OfferedList {
    array: readonly string[];
    readonly buffer: Buffer;
  }
  type OfferedWay = Readonly<Record<keyof OfferWay, OfferedList>>;
  /** The lists of SSH_MSG_KEXINIT. */
  interface SentOffer {
    readonly constructor: new (offer: Offer) => SentOffer;
    readonly lists: {
      readonly all: Buffer;
      readonly kex: OfferedList;
      readonly serverHostKey: OfferedList;
      readonly cs: OfferedWay;
      readonly sc: OfferedWay;
    };
  }
  interface ProtocolConfig {
    readonly server?: boolean;
    /** Parsed keys by the name of their algorithm. */
    readonly hostKeys?: Readonly<Record<string, unknown>>;
    readonly offer: Offer;
    readonly ident: string;
    readonly hostVerifier?: (key: Buffer) => boolean;
    readonly onWrite: (bytes: Uint8Array) => void;
    readonly onError: (error: Error) => void;
    readonly onHandshakeComplete: (negotiated: Negotiated) => void;
  }
  /** Packets are plain until they are encrypted; during a key exchange they are bare payloads in a queue. */
  interface PacketWriter {
    readonly allocStart: number;
    readonly allocStartKEX: number;
    alloc(bytes: number, evenInKeyExchange?: boolean): Buffer;
  }
  /** A key exchange; public values and secrets as they are hashed. */
  interface Exchange {
    readonly sessionID: Buffer;
    remoteExtInfoEnabled: boolean;
    negotiated: Negotiated;
    _hostKey: Buffer;
    /** The lists of algorithms as they are signed: our own, and the peer's. */
    readonly _kexinit: Buffer;
    _remoteKexinit: Buffer;
    getPublicKey: () => Buffer;
    convertPublicKey: (value: Buffer) => Buffer;
    computeSecret: (value: Buffer) => Buffer | Error;
    /** Sends the client's public value. */
    start(): void;
  }
  type Key = Buffer | import('node:crypto').KeyObject;
  /** Without the library's native part; which keys there are depends on the cipher. */
  interface CipherState {
    _encKey?: Key;
    _encKeyMain?: Key;
    _encKeyPktLen?: Key;
    _decipherKey?: Key;
    _decKeyMain?: Key;
    _decKeyPktLen?: Key;
    _macKey?: Key;
    /** 0 where the length of a packet is encrypted, too (RFC 4253 §6.3). */
    readonly _aadLen?: number;
    allocPacket?: (payloadBytes: number) => Buffer;
  }
  class Protocol {
    constructor(config: ProtocolConfig);
    start(): void;
    parse(chunk: Buffer, start: number, end: number): void;
    rekey(): void;
    cleanup(): void;
    /** Every packet outside of a key exchange; taken when the first one is complete. */
    _onPayload: (payload: Buffer) => unknown;
    /** Set while a key exchange is going on. */
    readonly _kexinit: Buffer | undefined;
    /** What waits for the end of a key exchange. */
    _queue: Buffer[] | undefined;
    _strictMode: boolean | undefined;
    _offer: SentOffer;
    /** The peer's identification. */
    readonly _remoteIdentRaw: Buffer | undefined;
    readonly _kex: Exchange | undefined;
    readonly _cipher: { encrypt: (packet: Buffer) => void } & CipherState;
    /** Counts every packet that came, the one at hand included. */
    readonly _decipher: {
      readonly inSeqno: number;
      _onPayload: (payload: Buffer) => unknown;
    } & CipherState;
    readonly _packetRW: { readonly write: PacketWriter };
    /** Gone when the library has given up. */
    readonly _destruct: (() => void) | undefined;
    _onHandshakeComplete: (negotiated: Negotiated) => void;
  }
  export type { CipherState, Exchange, Negotiated, Offer, OfferedWay };
  export default Protocol;
}

declare module 'ssh2/lib/protocol/crypto.js' {
  const crypto: {
    /** Resolves when Poly1305 is loaded. */
    readonly init: Promise<void>;
    readonly bindingAvailable: boolean;
  };
  export default crypto;
}
