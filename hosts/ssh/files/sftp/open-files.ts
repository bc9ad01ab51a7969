// The handles that the target gave out, and what each may be used for. A handle that is not here does not exist.

import { RefusedRequest } from '../rules.ts';
import { Transfer, type Transferred } from '../transfer.ts';

export interface OpenFile {
  readonly kind: 'file' | 'directory';
  /** As the target resolved it when it was opened. */
  readonly path: string;
  /** Undefined where the file was not opened for it. */
  readonly download?: Transfer;
  readonly upload?: Transfer;
}

export interface Access {
  readonly reads: boolean;
  readonly writes: boolean;
  readonly appends: boolean;
}

export function openFile(path: string, access: Access, hashes: boolean): OpenFile {
  const upload = access.writes
    ? new Transfer({ path, name: '', direction: 'upload' }, hashes)
    : undefined;
  // The target ignores offsets, so what was sent is not what the file holds.
  if (access.appends) upload?.spoil();
  return {
    kind: 'file',
    path,
    ...(access.reads
      ? { download: new Transfer({ path, name: '', direction: 'download' }, hashes) }
      : {}),
    ...(upload === undefined ? {} : { upload }),
  };
}

export const openDirectory = (path: string): OpenFile => ({ kind: 'directory', path });

/** An open file that was both read and written is two transfers; one that was only opened for it is one, of 0 bytes. */
export function transfersOf(file: OpenFile, closed: boolean): readonly Transferred[] {
  const { download, upload } = file;
  if (download === undefined || upload === undefined) {
    return [download, upload].flatMap((transfer) => (transfer ? [transfer.end(closed)] : []));
  }
  return [download, upload].flatMap((transfer) => (transfer.isEmpty ? [] : [transfer.end(closed)]));
}

export class OpenFiles {
  readonly #files = new Map<string, OpenFile>();
  readonly #handlesMax: number;
  /** Opens that the target has not answered yet: they count. */
  #opening = 0;

  constructor(handlesMax: number) {
    this.#handlesMax = handlesMax;
  }

  get isFull(): boolean {
    return this.#files.size + this.#opening >= this.#handlesMax;
  }

  opening(): void {
    this.#opening += 1;
  }

  /** @returns false when the target gives out a handle that is open */
  opened(handle: string, file: OpenFile): boolean {
    if (this.#files.has(handle)) return false;
    this.#files.set(handle, file);
    return true;
  }

  openingEnded(): void {
    this.#opening -= 1;
  }

  /** @throws RefusedRequest `handle-unknown` */
  get(handle: string): OpenFile {
    const file = this.#files.get(handle);
    if (file === undefined) throw new RefusedRequest('handle-unknown');
    return file;
  }

  /** From now on the handle is unknown, although the target has yet to answer. */
  close(handle: string): OpenFile {
    const file = this.get(handle);
    this.#files.delete(handle);
    return file;
  }

  closeAll(): readonly OpenFile[] {
    const files = [...this.#files.values()];
    this.#files.clear();
    return files;
  }
}

/** @throws RefusedRequest `handle-access` */
export function downloadOf(file: OpenFile): Transfer {
  if (file.download === undefined) throw new RefusedRequest('handle-access');
  return file.download;
}

/** @throws RefusedRequest `handle-access` */
export function uploadOf(file: OpenFile): Transfer {
  if (file.upload === undefined) throw new RefusedRequest('handle-access');
  return file.upload;
}
