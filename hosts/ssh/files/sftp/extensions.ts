// Which extensions of SFTP 3 pass (OpenSSH PROTOCOL §4), with the version that the target must announce.

export const extensionVersions = {
  'posix-rename@openssh.com': '1',
  'statvfs@openssh.com': '2',
  'fstatvfs@openssh.com': '2',
  'hardlink@openssh.com': '1',
  'fsync@openssh.com': '1',
  'lsetstat@openssh.com': '1',
  'limits@openssh.com': '1',
  'expand-path@openssh.com': '1',
  'copy-data': '1',
  'home-directory': '1',
  'users-groups-by-id@openssh.com': '1',
} as const;

export type ExtensionName = keyof typeof extensionVersions;

export const isExtension = (name: string): name is ExtensionName =>
  Object.hasOwn(extensionVersions, name);
