// What the keys of a terminal send, and what the editor does at them: the bindings of emacs, as in readline.

export type EditAction =
  | 'enter'
  | 'interrupt'
  | 'end-of-input'
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'word-left'
  | 'word-right'
  | 'older'
  | 'newer'
  | 'search'
  | 'cancel'
  | 'erase'
  | 'delete'
  | 'kill-to-end'
  | 'kill-to-start'
  | 'kill-word'
  | 'kill-word-left'
  | 'yank'
  | 'transpose'
  | 'clear'
  | 'complete';

export type Key =
  /** One code point that is printable. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly action: EditAction }
  /** Everything between the brackets of a paste; lines end in `\n`. */
  | { readonly kind: 'paste'; readonly text: string }
  /** Bytes that stand for nothing here, or a paste that is too long. */
  | { readonly kind: 'unknown' };

export const controlKeys: ReadonlyMap<number, EditAction> = new Map<number, EditAction>([
  [0x01, 'home'],
  [0x02, 'left'],
  [0x03, 'interrupt'],
  [0x04, 'end-of-input'],
  [0x05, 'end'],
  [0x06, 'right'],
  [0x07, 'cancel'],
  [0x08, 'erase'],
  [0x09, 'complete'],
  [0x0a, 'enter'],
  [0x0b, 'kill-to-end'],
  [0x0c, 'clear'],
  [0x0d, 'enter'],
  [0x0e, 'newer'],
  [0x10, 'older'],
  [0x12, 'search'],
  [0x14, 'transpose'],
  [0x15, 'kill-to-start'],
  [0x17, 'kill-word-left'],
  [0x19, 'yank'],
  [0x7f, 'erase'],
]);

/** Behind ESC alone: the meta key. */
export const metaKeys: ReadonlyMap<string, EditAction> = new Map<string, EditAction>([
  ['b', 'word-left'],
  ['f', 'word-right'],
  ['d', 'kill-word'],
  ['\x7f', 'kill-word-left'],
  ['\b', 'kill-word-left'],
]);

/** Behind `ESC [` or `ESC O`, with their parameters: ECMA-48 §5.4 and what xterm sends. */
export const sequenceKeys: ReadonlyMap<string, EditAction> = new Map<string, EditAction>([
  ['A', 'older'],
  ['B', 'newer'],
  ['C', 'right'],
  ['D', 'left'],
  ['H', 'home'],
  ['F', 'end'],
  ['1~', 'home'],
  ['7~', 'home'],
  ['4~', 'end'],
  ['8~', 'end'],
  ['3~', 'delete'],
  ['1;5C', 'word-right'],
  ['1;3C', 'word-right'],
  ['1;5D', 'word-left'],
  ['1;3D', 'word-left'],
]);
