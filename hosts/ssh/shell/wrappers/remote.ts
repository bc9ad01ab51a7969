// Commands that run elsewhere: on another host (ssh), in a container (docker, podman, kubectl, lxc, machinectl).

import { hostOf } from '../hosts.ts';
import { readShellText } from '../interpreters.ts';
import type { Invocation, Reader } from '../invocation.ts';
import { report } from '../invocation.ts';
import type { GivenOptions, OptionTable } from '../options.ts';
import { optionTable, readOptions } from '../options.ts';
import type { Place, Reading } from '../place.ts';
import { wrappedBy } from '../place.ts';
import { checkGiven } from '../program-arguments.ts';
import { applyRole } from '../roles.ts';
import type { Value } from '../value.ts';
import { argumentOf, literal } from '../value.ts';
import { userOf } from './argv-wrapper.ts';

const sshTable = optionTable(
  '-46AaCfGgKkMNnqsTtVvXxYy -B:text -b:text -c:text -D:runs -E:write -e:text -F:runs -I:runs -i:text -J:runs -L:runs -l:text -m:text -O:text -o:text -P:text ' +
    '-p:text -Q:text -R:runs -S:text -W:host -w:runs',
  { permutes: false },
);

/** Settings of ssh that neither run anything nor lead elsewhere. */
const plainSetting =
  /^(?:AddressFamily|BatchMode|BindAddress|Ciphers|ClearAllForwardings|Compression|ConnectionAttempts|ConnectTimeout|ControlMaster|ControlPersist|EscapeChar|ExitOnForwardFailure|ForwardAgent|ForwardX11|HostKeyAlgorithms|IdentitiesOnly|IdentityFile|IPQoS|KexAlgorithms|LogLevel|MACs|NumberOfPasswordPrompts|PasswordAuthentication|Port|PreferredAuthentications|PubkeyAuthentication|RequestTTY|ServerAliveCountMax|ServerAliveInterval|StrictHostKeyChecking|TCPKeepAlive|UpdateHostKeys|User|UserKnownHostsFile|VisualHostKey)[= ]/i;

export function checkSettings({ options }: GivenOptions, { found }: Reading): void {
  for (const { name, value } of options) {
    if (name === '-o' && !plainSetting.test(argumentOf(value) ?? '')) found.doubt('option-runs');
  }
}

/** Options may follow the host; the words of the command are joined by spaces for the other side's shell. */
export const ssh: Reader = (invocation, reading, place) => {
  const { found } = reading;
  const before = readOptions(invocation.args, sshTable);
  const [destination, ...rest] = before.operands;
  const after = readOptions(rest, sshTable);
  for (const given of [before, after]) {
    checkGiven(given, sshTable, reading);
    checkSettings(given, reading);
    for (const { role, value } of given.options) applyRole(role, value, reading, place);
  }
  const options = [...before.options, ...after.options];
  if (destination === undefined || options.some(({ name }) => /^-[VQG]$/.test(name))) {
    return report(invocation, reading, place);
  }
  readDestination(destination, reading);
  if (after.operands.length === 0 || options.some(({ name }) => name === '-s')) {
    report(invocation, reading, place);
    // A shell over there, which reads what comes from here.
    if (!options.some(({ name }) => /^-[Ns]$/.test(name))) {
      found.doubt(place.input.kind === 'inherited' ? 'interactive' : 'opaque-stdin');
    }
    return;
  }
  readJoined(after.operands, invocation, reading, { ...place, directories: null });
};

function readDestination(destination: Value, { found }: Reading): void {
  const text = argumentOf(destination);
  if (text === null) return found.doubt('host');
  found.host(literal(hostOf(text.replace(/^ssh:\/\//, '').split('/', 1)[0] ?? '')));
}

function readJoined(
  words: readonly Value[],
  { name }: Invocation,
  reading: Reading,
  place: Place,
): void {
  reading.found.program(name);
  const texts = words.map(argumentOf);
  if (texts.includes(null)) {
    reading.found.doubt('program');
    return;
  }
  // Relative paths of the other side start in a directory of its own, which is as good as a start.
  readShellText('sh', texts.join(' '), reading, { ...wrappedBy(place, name), directories: [''] });
}

interface ContainerTable {
  readonly options: OptionTable;
  /** Operands before the command: the container, the image, the service. */
  readonly operands: number;
}

const container = (options: string, operands = 1): ContainerTable => ({
  options: optionTable(options, { permutes: false }),
  operands,
});

const dockerExec = container(
  '-dit -e:text -u:user -w:text --detach --detach-keys:text --env:text --env-file:read --interactive --privileged --tty --user:user --workdir:text',
);
const dockerRun = container(
  '-ditP -a:text -c:text -e:text -h:text -l:text -m:text -p:text -u:user -v:text -w:text --detach --interactive --tty --rm --init --privileged --read-only --no-healthcheck ' +
    '--publish-all --name:text --env:text --env-file:read --hostname:text --label:text --memory:text --publish:text --user:user --volume:text --workdir:text --network:text --net:text ' +
    '--restart:text --cpus:text --mount:text --link:text --add-host:text --cap-add:text --cap-drop:text --device:text --dns:text --expose:text --gpus:text --ipc:text --ip:text ' +
    '--log-driver:text --log-opt:text --pid:text --platform:text --pull:text --security-opt:text --shm-size:text --stop-signal:text --tmpfs:text --ulimit:text --userns:text ' +
    '--volumes-from:text --cidfile:write --entrypoint:runs --memory-swap:text --pids-limit:text --sysctl:text --uts:text --quiet',
);
const composeExec = container(
  '-dTi -e:text -u:user -w:text --detach --env:text --index:text --no-TTY --no-tty --privileged --user:user --workdir:text',
);
const composeRun = container(
  '-dTiP -e:text -l:text -p:text -u:user -v:text -w:text --build --detach --env:text --interactive --label:text --name:text --no-TTY --no-deps --publish:text --quiet-pull ' +
    '--remove-orphans --rm --service-ports --use-aliases --user:user --volume:text --workdir:text --entrypoint:runs',
);

const dockerGlobals = optionTable(
  '-Dv -c:text -H:runs -l:text --config:runs --context:text --debug --host:runs --log-level:text --tls --tlscacert:text --tlscert:text --tlskey:text --tlsverify --version --help',
  { permutes: false },
);
const composeGlobals = optionTable(
  '-f:read -p:text -H:runs --file:read --project-name:text --profile:text --env-file:read --project-directory:text --ansi:text --progress:text --parallel:text --dry-run --compatibility ' +
    '--all-resources --verbose --version -v --help -h',
  { permutes: false },
);

/** Subcommands that neither run code of the caller's choice nor write files of this host by an option. */
const plainDocker =
  /^(?:ps|images|image|container|logs|inspect|stats|top|start|stop|restart|kill|rm|rmi|pull|push|tag|info|version|network|volume|system|port|rename|pause|unpause|wait|diff|history|search|events|update|login|logout|context|node|service|stack|swarm|secret|config|attach|up|down|config|create|ls)$/;

export const docker: Reader = (invocation, reading, place) => {
  const globals = readOptions(invocation.args, dockerGlobals);
  checkGiven(globals, dockerGlobals, reading);
  for (const { role, value } of globals.options) applyRole(role, value, reading, place);
  const [first, ...rest] = globals.operands;
  const isCompose = argumentOf(first ?? literal('')) === 'compose';
  if (isCompose) return readCompose(rest, { invocation, reading, place });
  const isContainer = argumentOf(first ?? literal('')) === 'container';
  readSubcommand(
    isContainer ? rest : globals.operands,
    { exec: dockerExec, run: dockerRun },
    { invocation, reading, place },
  );
};

export const compose: Reader = (invocation, reading, place) => {
  readCompose(invocation.args, { invocation, reading, place });
};

interface Around {
  readonly invocation: Invocation;
  readonly reading: Reading;
  readonly place: Place;
}

function readCompose(args: readonly Value[], around: Around): void {
  const { reading, place } = around;
  const globals = readOptions(args, composeGlobals);
  checkGiven(globals, composeGlobals, reading);
  for (const { role, value } of globals.options) applyRole(role, value, reading, place);
  readSubcommand(globals.operands, { exec: composeExec, run: composeRun }, around);
}

function readSubcommand(
  words: readonly Value[],
  tables: Readonly<Record<string, ContainerTable>>,
  around: Around,
): void {
  const { invocation, reading, place } = around;
  const [word, ...args] = words;
  const subcommand = word === undefined ? '' : argumentOf(word);
  const table = subcommand === null ? undefined : tables[subcommand];
  if (table !== undefined) return readContained(table, args, around);
  report(invocation, reading, place);
  if (subcommand === null) reading.found.doubt('argument');
  const isPlain = subcommand !== null && (subcommand === '' || plainDocker.test(subcommand));
  if (!isPlain && args.some((arg) => arg.kind !== 'literal')) reading.found.doubt('argument');
  if (subcommand === 'cp')
    for (const path of args) copyContained(path, args.at(-1) === path, around);
}

function copyContained(path: Value, isLast: boolean, { reading, place }: Around): void {
  const text = argumentOf(path);
  if (text === null) return reading.found.doubt('path');
  if (text.startsWith('-') || /^[^/.]+:/.test(text)) return;
  reading.found.path(isLast ? 'writes' : 'reads', path, place);
}

function readContained(
  table: ContainerTable,
  args: readonly Value[],
  { invocation, reading, place }: Around,
): void {
  const given = readOptions(args, table.options);
  checkGiven(given, table.options, reading);
  for (const { role, value } of given.options) applyRole(role, value, reading, place);
  const [target, ...argv] = given.operands.slice(table.operands - 1);
  if (target !== undefined && target.kind !== 'literal' && !target.single)
    reading.found.doubt('argument');
  if (argv.length === 0) return report(invocation, reading, place);
  reading.found.program(invocation.name);
  reading.argv(argv, {
    ...wrappedBy(place, invocation.name),
    assigns: [],
    user: userOf(given, ''),
    directories: [''],
  });
}

const kubectlValues =
  '-n:text -c:text -f:read -l:text -o:text -s:runs -k:read --namespace:text --context:text --kubeconfig:runs --container:text --cluster:text --user:text --server:runs --token:text ' +
  '--as:text --as-group:text --selector:text --output:text --filename:read --kustomize:read --tail:text --since:text --since-time:text --replicas:text --image:text --port:text ' +
  '--type:text --patch:text -p:text --timeout:text --for:text --sort-by:text --field-selector:text --request-timeout:text --cascade:text --grace-period:text --limit:text --labels:text ' +
  '--target-port:text --name:text --dry-run?text --overrides:text --restart:text --env:text --command --raw:text --template:text --from-literal:text --from-file:read --max:text --min:text';
const kubectlTable = optionTable(kubectlValues, { isTame: true });
const kubectlExec = optionTable(
  '-iqt -c:text -n:text -f:read --stdin --quiet --tty --container:text --namespace:text --filename:read --context:text --pod-running-timeout:text --kubeconfig:runs --cluster:text --as:text',
);
const kubectlPlain =
  /^(?:get|describe|logs|top|apply|delete|create|rollout|scale|autoscale|set|expose|label|annotate|patch|cordon|uncordon|drain|taint|version|cluster-info|config|api-resources|api-versions|explain|auth|wait|events|diff|port-forward|replace|certificate|completion|options)$/;

export const kubectl: Reader = (invocation, reading, place) => {
  const { found } = reading;
  const at = invocation.args.findIndex((word) => argumentOf(word) === '--');
  const own = at === -1 ? invocation.args : invocation.args.slice(0, at);
  const given = readOptions(own, kubectlTable);
  const [subcommand, ...operands] = given.operands.map(argumentOf);
  if (subcommand === 'exec') {
    const strict = readOptions(
      own.filter((word) => argumentOf(word) !== 'exec'),
      kubectlExec,
    );
    checkGiven(strict, kubectlExec, reading);
    // Without `--`, the words behind the pod are the command.
    const argv = at === -1 ? given.operands.slice(2) : invocation.args.slice(at + 1);
    if (at === -1 && argv.length > 0) found.doubt('argument');
    if (argv.length === 0) return report(invocation, reading, place);
    found.program(invocation.name);
    reading.argv(argv, {
      ...wrappedBy(place, invocation.name),
      assigns: [],
      user: '',
      directories: [''],
    });
    return;
  }
  report(invocation, reading, place);
  for (const { role, value } of given.options) {
    if (role === 'read' && /^(?:-|https?:.*)$/.test(argumentOf(value) ?? '')) continue;
    applyRole(role, value, reading, place);
  }
  if (subcommand === 'run' || subcommand === 'debug') found.doubt('option-runs');
  else if (subcommand === 'edit') found.doubt('interactive');
  else if (subcommand === 'cp') {
    for (const path of operands) {
      if (path === null) found.doubt('path');
      else if (!path.includes(':'))
        found.path(path === operands.at(-1) ? 'writes' : 'reads', literal(path), place);
    }
  } else if (subcommand === null || (subcommand !== undefined && !kubectlPlain.test(subcommand))) {
    // A name that is not built in is that of a plugin.
    found.doubt('option');
  }
};

/** `lxc exec NAME -- COMMAND`, `incus exec NAME -- COMMAND`; others of their subcommands start nothing. */
export const lxc: Reader = (invocation, reading, place) => {
  const words = invocation.args.map(argumentOf);
  const at = words.indexOf('--');
  if (words[0] !== 'exec' || at === -1) {
    report(invocation, reading, place);
    if (words[0] === 'exec' || words.includes(null)) reading.found.doubt('argument');
    return;
  }
  reading.found.program(invocation.name);
  reading.argv(invocation.args.slice(at + 1), {
    ...wrappedBy(place, invocation.name),
    assigns: [],
    user: '',
    directories: [''],
  });
};
