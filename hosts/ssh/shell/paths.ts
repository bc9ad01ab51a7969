// Paths as they are written, joined and never normalised: what `..` means, links on the target decide.

export const joinedPath = (directory: string, path: string): string =>
  directory === '' ? path : `${directory.replace(/\/+$/, '')}/${path}`;
