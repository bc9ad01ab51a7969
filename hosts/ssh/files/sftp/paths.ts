// Paths as text: only for cutting off a last segment, and for naming in a question what the target cannot resolve.

export interface SplitPath {
  /** Where the last segment is looked up; `.` for a path of one segment. */
  readonly parent: string;
  readonly base: string;
}

/** Undefined when the last segment is no name in its parent: `/`, `.` or `..` stand for whole directories. */
export function splitPath(path: string): SplitPath | undefined {
  const trimmed = path.replace(/\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  const base = trimmed.slice(slash + 1);
  if (base === '' || base === '.' || base === '..') return undefined;
  if (slash === -1) return { parent: '.', base };
  return { parent: trimmed.slice(0, slash) || '/', base };
}

export const joinPath = (directory: string, path: string): string => {
  if (path.startsWith('/')) return path;
  return directory.endsWith('/') ? directory + path : `${directory}/${path}`;
};

/** Without empty segments and dots. Symbolic links may make another path of it: nothing is opened by this name. */
export function lexicalPath(absolute: string): string {
  const segments: string[] = [];
  for (const segment of absolute.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') segments.pop();
    else segments.push(segment);
  }
  return `/${segments.join('/')}`;
}
