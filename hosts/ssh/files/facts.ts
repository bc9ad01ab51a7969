// What policies read of a file operation, whichever protocol carries it.

/** Closed: what an operation is called in policies, recordings and docs/reference/ssh-files.md. */
export const fileOperations = {
  read: 'reads the content of `path`',
  write: 'creates, overwrites or cuts `path`',
  append: 'writes at the end of `path`',
  delete: 'removes the file or link `path`, or files below it when `recursive`',
  rename: 'moves `path` to `to`, with everything below it when `recursive`',
  list: 'reads the names in the directory `path`',
  stat: 'reads attributes of `path` or of its file system',
  mkdir: 'creates the directory `path`',
  rmdir: 'removes the empty directory `path`',
  setstat: 'changes mode, times or owner of `path`',
  setid: 'gives `path` the setuid or setgid bit; asked besides the operation that carries the mode',
  readlink: 'reads where the symbolic link `path` points',
  symlink: 'creates the symbolic link `to` that points at `path`',
  hardlink: 'gives the file `path` the second name `to`',
  copy: 'copies content of the open file `path` into the open file `to`, on the target',
  realpath: 'asks how `path` is written in full',
  users: 'asks for the names behind user and group numbers; `path` is empty',
} as const;

export type FileOperation = keyof typeof fileOperations;

export interface FileFacts {
  readonly operation: FileOperation;
  /** As the target resolved it (SFTP), or as the command line spells it (scp, rsync, git). */
  readonly path: string;
  /** The second path of a rename, a link or a copy; empty otherwise. */
  readonly to: string;
  readonly protocol: 'sftp' | 'scp' | 'rsync' | 'git';
  /** Reaches what lies below `path`, too. */
  readonly recursive: boolean;
}
