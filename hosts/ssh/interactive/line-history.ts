// The lines of one session, for its own editor: nothing of it reaches the target or another session.

const entriesMax = 1000;
const bytesMax = 256 * 1024;
/** Words that a completion offers at once. */
const candidatesMax = 100;

export class LineHistory {
  #entries: string[] = [];
  #bytes = 0;
  /** What is shown; behind the last entry stands the draft. */
  #position = 0;
  #draft = '';

  add(line: string): void {
    if (line !== this.#entries.at(-1)) {
      this.#entries.push(line);
      this.#bytes += Buffer.byteLength(line);
    }
    while (this.#entries.length > entriesMax || this.#bytes > bytesMax) {
      this.#bytes -= Buffer.byteLength(this.#entries.shift() ?? '');
    }
    this.rewind();
  }

  /** Back to the draft, which is empty. */
  rewind(): void {
    this.#position = this.#entries.length;
    this.#draft = '';
  }

  older(shown: string): string | undefined {
    if (this.#position === this.#entries.length) this.#draft = shown;
    if (this.#position === 0) return undefined;
    this.#position -= 1;
    return this.#entries[this.#position];
  }

  newer(): string | undefined {
    if (this.#position >= this.#entries.length) return undefined;
    this.#position += 1;
    return this.#entries[this.#position] ?? this.#draft;
  }

  /**
   * The newest line that holds `text`.
   *
   * @param skip how many that hold it, too, are newer than the one that is wanted
   */
  find(text: string, skip: number): string | undefined {
    const found = this.#entries.filter((line) => line.includes(text)).reverse();
    return Array.from(new Set(found))[skip];
  }

  /** Words of earlier lines that go on from `start`, the newest first. */
  wordsFrom(start: string): readonly string[] {
    const words = new Set<string>();
    for (const line of this.#entries.toReversed()) {
      for (const word of line.split(/\s+/)) {
        if (word.length > start.length && word.startsWith(start)) words.add(word);
        if (words.size === candidatesMax) return Array.from(words);
      }
    }
    return Array.from(words);
  }
}
