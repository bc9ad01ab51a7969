// A file that is followed while it changes: a wrong one changes nothing.

export class FollowedFile<Table> {
  readonly path: string;
  readonly #read: (path: string) => Table;
  #table: Table;

  /** @throws ConfigError when the file is missing or wrong */
  constructor(path: string, read: (path: string) => Table) {
    this.path = path;
    this.#read = read;
    this.#table = read(path);
  }

  get table(): Table {
    return this.#table;
  }

  /** @throws ConfigError when it is wrong now; the last good table stays */
  reload(): void {
    this.#table = this.#read(this.path);
  }
}
