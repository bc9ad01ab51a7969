// What nobody may read, change or run on the target, and how it is seen that somebody did.

import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export class Canaries {
  readonly directory: string;
  /** Stands in the file, and in what the program says. */
  readonly secret = `canary-${randomBytes(12).toString('hex')}`;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async plant(directory: string): Promise<Canaries> {
    const canaries = new Canaries(directory);
    await mkdir(canaries.at('bin'), { recursive: true });
    await mkdir(canaries.at('open'), { recursive: true });
    const program = `#!/bin/sh\n: > ${canaries.marker}\necho ${canaries.secret}\n`;
    await writeFile(canaries.program, program, { mode: 0o755 });
    await writeFile(canaries.script, `${canaries.program}\n`);
    await canaries.renew();
    return canaries;
  }

  at(name: string): string {
    return join(this.directory, name);
  }

  get file(): string {
    return this.at('canary/secret');
  }

  get program(): string {
    return this.at('bin/forbidden');
  }

  /** Lines for a shell that run the program. */
  get script(): string {
    return this.at('open/script');
  }

  get marker(): string {
    return this.at('open/marker');
  }

  async renew(): Promise<void> {
    await rm(this.at('open'), { recursive: true, force: true });
    await rm(this.at('canary'), { recursive: true, force: true });
    await mkdir(this.at('canary'));
    await mkdir(this.at('open'));
    await writeFile(this.file, `${this.secret}\n`);
    await chmod(this.file, 0o600);
    await writeFile(this.script, `${this.program}\n`);
    await writeFile(this.at('open/notes'), 'notes\n');
  }

  /** @param said by the target to the caller, as far as it came */
  async reached(...said: readonly string[]): Promise<boolean> {
    return said.some((text) => text.includes(this.secret)) || !(await this.#isIntact());
  }

  async #isIntact(): Promise<boolean> {
    try {
      const { mode } = await stat(this.file);
      const text = await readFile(this.file, 'utf8');
      const names = await readdir(this.at('canary'));
      const marked = (await readdir(this.at('open'))).includes('marker');
      return (
        text === `${this.secret}\n` && (mode & 0o777) === 0o600 && names.length === 1 && !marked
      );
    } catch {
      return false;
    }
  }
}
