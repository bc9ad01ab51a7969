// Reads what the target's shell reports over its own FIFO. Only lines with the nonce that is due count: what another
// process of the same account may have written there is skipped.

import { isUtf8 } from 'node:buffer';

export type Report =
  | { readonly kind: 'started' }
  | {
      readonly kind: 'ended';
      readonly status: number;
      /** null when it is no text that can be shown and judged. */
      readonly directory: string | null;
    };

/** A path of Linux is at most 4 KiB. */
const bufferBytesMax = 16 * 1024;

export class ReportReader {
  #nonce = '';
  #buffer: Buffer = Buffer.alloc(0);

  /** From here on lines with this nonce count, and no others. */
  expect(nonce: string): void {
    this.#nonce = nonce;
  }

  push(chunk: Buffer): readonly Report[] {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    const reports: Report[] = [];
    while (this.#readLine(reports));
    // Nothing that is due can be so long: what stands there came from elsewhere.
    if (this.#buffer.length > bufferBytesMax) this.#buffer = Buffer.alloc(0);
    return reports;
  }

  /** False when the rest is no whole report yet. */
  #readLine(reports: Report[]): boolean {
    const end = this.#buffer.indexOf(0x0a);
    if (end === -1) return false;
    const line = this.#buffer.toString('latin1', 0, end);
    const [letter, nonce, value = ''] = line.split(' ');
    if (nonce !== this.#nonce) return this.#skip(end + 1);
    switch (letter) {
      case 'S':
        reports.push({ kind: 'started' });
        return this.#skip(end + 1);
      case 'E':
        return this.#readEnd(end + 1, value, reports);
      default:
        return this.#skip(end + 1);
    }
  }

  /** The path may hold newlines; behind it stands the nonce again. */
  #readEnd(start: number, value: string, reports: Report[]): boolean {
    const behind = Buffer.from(`\n. ${this.#nonce}\n`, 'latin1');
    const end = this.#buffer.indexOf(behind, start - 1);
    if (end === -1) return false;
    const path = this.#buffer.subarray(start, Math.max(end, start));
    const status = /^\d{1,3}$/.test(value) ? Number(value) : 1;
    reports.push({ kind: 'ended', status, directory: directoryOf(path) });
    return this.#skip(end + behind.length);
  }

  #skip(bytes: number): true {
    this.#buffer = this.#buffer.subarray(bytes);
    return true;
  }
}

const directoryOf = (path: Buffer): string | null => {
  if (!isUtf8(path)) return null;
  const text = path.toString('utf8');
  return text.startsWith('/') && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text) ? text : null;
};
