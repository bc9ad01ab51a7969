// One line for each option of each wrapper, all of which start `evil a 'b c'`.

import { wrapperRows } from '../../../../hosts/ssh/shell/wrappers/table.ts';

/** Values that the real programs take, by name of the wrapper and option; 1 is one for most. */
const values: Readonly<Record<string, string>> = {
  '--adjustment': '5',
  '-s': 'TERM',
  '--signal': 'TERM',
  '-i': '0',
  '-o': '0',
  '-e': '0',
  '--input': 'L',
  '--output': '0',
  '--error': '0',
  '--userspec': 'nobody:nogroup',
  '--groups': 'nogroup',
  '-c': '1',
  '--class': 'idle',
  '-u': 'nobody',
  '--reuid': '65534',
  '--regid': '65534',
  '--ruid': '65534',
  '--euid': '65534',
  '--rgid': '65534',
  '--egid': '65534',
  '--inh-caps': '-all',
  '--ambient-caps': '-all',
  '--bounding-set': '-sys_boot',
  '--pdeathsig': 'TERM',
  '--securebits': '+noroot',
};

const valueOf = (wrapper: string, option: string): string => {
  if (/^(?:strace|ltrace|time)$/.test(wrapper) && /^(?:-o|--output)$/.test(option))
    return '/dev/null';
  if (wrapper === 'strace' && /^(?:-e|--trace)$/.test(option)) return 'execve';
  if (wrapper === 'time' && option === '-f') return '%e';
  if (wrapper === 'setpriv' && option === '--groups') return '65534';
  if (wrapper === 'prlimit') return '1024';
  return values[option] ?? '1';
};

const operandsOf: Readonly<Record<string, string>> = {
  timeout: '5',
  chroot: '/',
  chrt: '1',
  taskset: '1',
  setarch: 'x86_64',
};

const inner = "evil a 'b c'";

function* linesOf(name: string): Generator<string> {
  const row = wrapperRows[name];
  if (row === undefined) return;
  // By itself it is a keyword.
  const wrapper = name === 'time' ? '/usr/bin/time' : name;
  const operands = row.operands === 0 ? '' : `${operandsOf[name] ?? 'x'} `;
  yield `${wrapper} ${operands}${inner}`;
  yield `${wrapper} -- ${operands}${inner}`;
  for (const entry of row.options.split(/\s+/)) {
    const [, entered = '', kind = '', role = ''] = /^(--?[^:?!]+)([:?!]?)(.*)$/.exec(entry) ?? [];
    const options = entered.startsWith('--')
      ? [entered]
      : Array.from(entered.slice(1), (letter) => `-${letter}`);
    for (const option of options) {
      if (option === '-' || row.alone?.includes(option) === true || role === 'runs') continue;
      const value = valueOf(wrapper.slice(wrapper.lastIndexOf('/') + 1), option);
      if (kind === '') yield `${wrapper} ${option} ${operands}${inner}`;
      if (kind === ':') {
        yield `${wrapper} ${option} ${value} ${operands}${inner}`;
        yield `${wrapper} ${option}${option.startsWith('--') ? '=' : ''}${value} ${operands}${inner}`;
      }
      if (kind === '?') {
        yield `${wrapper} ${option}${option.startsWith('--') ? '=' : ''}${value} ${operands}${inner}`;
      }
    }
  }
}

/** Wrappers with code of their own. */
const more: readonly string[] = [
  `env ${inner}`,
  `env -u X -C / A=b C=d ${inner}`,
  `env --unset=X --chdir=/ -- A=b ${inner}`,
  `env -S 'A=b evil a' 'b c'`,
  `env -vS 'evil a' 'b c'`,
  `flock /dev/null ${inner}`,
  `flock -n -E 3 -w 1 /dev/null ${inner}`,
  `flock --close --timeout 1 /dev/null ${inner}`,
  `flock /dev/null -c "${inner}"`,
  `flock -x /dev/null --command "${inner}"`,
  `unshare -n ${inner}`,
  `unshare -r -m ${inner}`,
  `unshare --fork --pid --mount-proc ${inner}`,
  `unshare --wd / -S 0 -G 0 ${inner}`,
  `nsenter -t 1 -n ${inner}`,
  `nsenter --target 1 --uts ${inner}`,
  `nsenter -t1 -u -i -- ${inner}`,
  `runuser -u root -- ${inner}`,
  `runuser root -c "${inner}"`,
  `runuser -l -c "${inner}" root`,
  `su -c "${inner}"`,
  `su root -s /bin/sh -c "${inner}"`,
  `su --command="${inner}" root`,
  `script -qc "${inner}" /dev/null`,
  `script -q -e -O /dev/null -c "${inner}"`,
  `busybox env ${inner}`,
  `busybox sh -c "${inner}"`,
  `busybox nice -n 5 ${inner}`,
  `xargs -n 2 evil a <<< "'b c'"`,
  `xargs -I{} evil a {} <<< 'b c'`,
  `find / -maxdepth 0 -exec ${inner} \\;`,
  `find / -maxdepth 0 -ok ${inner} \\; <<< y`,
  `bash -c "${inner}"`,
  `bash -ec "${inner}" x y`,
  `bash -e -u -o pipefail -c "${inner}"`,
  `bash +e --norc -c "${inner}"`,
  `sh -c 'exec ${inner.replaceAll("'", '"')}'`,
  `bash <<< "${inner}"`,
  `exec ${inner}`,
  `exec -a x env ${inner}`,
  `command -- ${inner}`,
  `command ${inner}`,
  `builtin command ${inner}`,
  `eval "${inner}"`,
  `time -p ${inner}`,
  `! ${inner}`,
  `coproc ${inner}; wait`,
  `trap "${inner}" EXIT`,
  `nice -5 ${inner}`,
  `nice nohup setsid -w timeout 5 ${inner}`,
];

/** Lines, each once. */
export const wrapperLines: readonly string[] = [
  ...new Set([...Object.keys(wrapperRows).flatMap((name) => [...linesOf(name)]), ...more]),
];
