// Every program that starts another one from its argv, by name.

import type { BuiltinReader, Reader } from '../invocation.ts';
import { argvWrapper } from './argv-wrapper.ts';
import { builtinWord, command, exec } from './builtins.ts';
import { env } from './env.ts';
import { find } from './find.ts';
import { compose, docker, kubectl, lxc, ssh } from './remote.ts';
import {
  busybox,
  flock,
  ip,
  loader,
  nsenter,
  parallel,
  script,
  unshare,
  watch,
} from './shell-texts.ts';
import { wrapperRows } from './table.ts';
import { runuser, su, sudo } from './users.ts';
import { xargs } from './xargs.ts';

export const wrappers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ...Object.entries(wrapperRows).map(([name, row]) => [name, argvWrapper(row)] as const),
  ['env', env],
  ['sudo', sudo],
  ['su', su],
  ['runuser', runuser],
  ['xargs', xargs],
  ['find', find],
  ['flock', flock],
  ['watch', watch],
  ['script', script],
  ['unshare', unshare],
  ['nsenter', nsenter],
  ['parallel', parallel],
  ['busybox', busybox],
  ['toybox', busybox],
  ['ip', ip],
  ['ssh', ssh],
  ['docker', docker],
  ['podman', docker],
  ['nerdctl', docker],
  ['docker-compose', compose],
  ['podman-compose', compose],
  ['kubectl', kubectl],
  ['oc', kubectl],
  ['k3s', busybox],
  ['lxc', lxc],
  ['incus', lxc],
]);

/** Builtins that do so, and may leave another directory behind. */
export const wrappingBuiltins: ReadonlyMap<string, BuiltinReader> = new Map([
  ['exec', exec],
  ['command', command],
  ['builtin', builtinWord],
]);

const loaderName = /^ld(?:-linux[\w-]*|-musl-[\w]+|64)?\.so(?:\.\d+)?$/;

export const wrapperOf = (name: string): Reader | undefined =>
  wrappers.get(name) ?? (loaderName.test(name) ? loader : undefined);
