// Attempts to log in and their answers (RFC 4252, RFC 4256), as the transport has read them.

export interface Prompt {
  readonly text: string;
  /** What is typed may be shown. */
  readonly echo: boolean;
}

export interface Dialog {
  /** Answers, as many as prompts; undefined when the client has given the attempt up. */
  readonly ask: (asked: {
    readonly title: string;
    readonly instruction: string;
    readonly prompts: readonly Prompt[];
  }) => Promise<readonly string[] | undefined>;
}

/** One that somebody may hold, and asks about before signing anything. */
export interface KeyQuery {
  readonly kind: 'key-query';
  readonly username: string;
  readonly algorithm: string;
  readonly publicKey: Buffer;
}

export interface KeyProof {
  readonly kind: 'key';
  readonly username: string;
  /** As the client named it: of certificates, that of the certificate. */
  readonly algorithm: string;
  readonly publicKey: Buffer;
  /** As RFC 4253 §6.6 has it, with what security keys add. */
  readonly signature: Buffer;
  /** What is signed (RFC 4252 §7). */
  readonly signed: Buffer;
}

export type LoginAttempt =
  | { readonly kind: 'none'; readonly username: string }
  | KeyQuery
  | KeyProof
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'dialog'; readonly username: string; readonly dialog: Dialog };

export type LoginMethod = 'publickey' | 'password' | 'keyboard-interactive';

export type LoginAnswer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'key-known' }
  | {
      readonly kind: 'refused';
      /** What may be tried next. */
      readonly methods: readonly LoginMethod[];
      readonly partial: boolean;
    };
