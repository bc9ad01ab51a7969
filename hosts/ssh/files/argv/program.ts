// Which word of a command line names a program that we know: bare, or where systems keep it. A copy elsewhere may be anything.

const directories: ReadonlySet<string> = new Set(['/usr/bin', '/bin', '/usr/local/bin']);

/** The program's own name; undefined for one at any other place. */
export function programName(word: string): string | undefined {
  const slash = word.lastIndexOf('/');
  if (slash === -1) return word;
  return directories.has(word.slice(0, slash)) ? word.slice(slash + 1) : undefined;
}

/** As rsync and scp take options behind paths, too, no path may look like one. */
export const isPath = (word: string): boolean => word !== '' && !word.startsWith('-');
