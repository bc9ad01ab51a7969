// How a request is served that needs more than a look: ask the target where its paths lead, ask for verdicts, then
// forward the resolved paths, or answer. Each procedure is a generator; the inspector asks on its behalf.

import type { FileFacts } from '../facts.ts';
import type { RequestRule } from '../rules.ts';
import { factsOf, operationsOf, type Places } from './judgement.ts';
import { openFlags, statusCodes } from './packet-types.ts';
import { joinPath, lexicalPath, splitPath } from './paths.ts';
import type { PathKind, SftpRequest } from './request.ts';
import { resolvedPath, type SftpResponse, type StatusResponse } from './response.ts';

export type Verdict =
  | { readonly kind: 'allow' }
  /** The client is shown the message. */
  | { readonly kind: 'deny'; readonly message: string };

/** A question of our own to the target. */
export interface Ask {
  readonly kind: 'realpath' | 'expand-path' | 'home-directory' | 'lstat';
  readonly path: string;
}

export type Step =
  | { readonly kind: 'ask'; readonly ask: Ask }
  | { readonly kind: 'judge'; readonly facts: FileFacts };

export type Reply = SftpResponse | Verdict;

export type Outcome =
  | { readonly kind: 'forward'; readonly request: SftpRequest; readonly places: Places }
  | { readonly kind: 'answer'; readonly path: string }
  /** The target's own words on a path that it cannot resolve. */
  | { readonly kind: 'failed'; readonly status: StatusResponse }
  | { readonly kind: 'refused'; readonly rule: RequestRule }
  | { readonly kind: 'denied'; readonly message: string };

export type Procedure<T> = Generator<Step, T, Reply>;

type Resolved =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'failed'; readonly path: string; readonly status: StatusResponse }
  | { readonly kind: 'refused'; readonly rule: RequestRule };

const directoryBits = 0o040000;
const typeBits = 0o170000;

function* ask(kind: Ask['kind'], path: string): Procedure<SftpResponse> {
  const reply = yield { kind: 'ask', ask: { kind, path } };
  if (reply.kind === 'allow' || reply.kind === 'deny') throw new Error('a verdict for a question');
  return reply;
}

function* judge(facts: FileFacts): Procedure<Verdict> {
  const reply = yield { kind: 'judge', facts };
  if (reply.kind !== 'allow' && reply.kind !== 'deny') throw new Error('an answer for a verdict');
  return reply;
}

/** Where a path leads, through every link. A path that leads nowhere is named as it is written, for the verdict alone. */
function* follow(kind: Exclude<Ask['kind'], 'lstat'>, path: string): Procedure<Resolved> {
  const response = yield* ask(kind, path);
  if (response.kind === 'name') {
    const resolved = resolvedPath(response.names);
    if (resolved === undefined) return { kind: 'refused', rule: 'target-path' };
    return { kind: 'path', path: resolved };
  }
  if (response.kind !== 'status' || response.code === statusCodes.ok) {
    return { kind: 'refused', rule: 'target-path' };
  }
  if (kind !== 'realpath') return { kind: 'failed', path, status: response };
  if (path.startsWith('/')) return { kind: 'failed', path: lexicalPath(path), status: response };
  const start = yield* ask('realpath', '.');
  const directory = start.kind === 'name' ? resolvedPath(start.names) : undefined;
  if (directory === undefined) return { kind: 'refused', rule: 'target-path' };
  return { kind: 'failed', path: lexicalPath(joinPath(directory, path)), status: response };
}

/** Where the name itself stands, be it a link or not there yet: for what acts on names. */
function* locate(path: string): Procedure<Resolved> {
  const split = splitPath(path);
  if (split === undefined) return yield* follow('realpath', path);
  const parent = yield* follow('realpath', split.parent);
  if (parent.kind === 'refused') return parent;
  return { ...parent, path: joinPath(parent.path, split.base) };
}

/** What a link says is read from the directory that the link is in. */
function* locateLink(text: string, link: string): Procedure<readonly [Resolved, Resolved]> {
  const to = yield* locate(link);
  if (to.kind !== 'path') return [to, to];
  const directory = splitPath(to.path)?.parent ?? '/';
  return [yield* follow('realpath', joinPath(directory, text)), to];
}

const nofollowKinds: ReadonlySet<string> = new Set<SftpRequest['kind']>([
  'lstat',
  'remove',
  'rmdir',
  'mkdir',
  'readlink',
  'lsetstat',
]);

const newFile = openFlags.create | openFlags.exclusive;

/** A file that must be new is not made through a link: who asks for that relies on it. */
const actsOnName = (request: PathRequest): boolean =>
  nofollowKinds.has(request.kind) ||
  (request.kind === 'open' && (request.flags & newFile) === newFile);

const isExpansion = (kind: string): kind is PathKind & ('expand-path' | 'home-directory') =>
  kind === 'expand-path' || kind === 'home-directory';

type PathRequest = Extract<SftpRequest, { readonly path: string }>;

function* resolve(request: PathRequest): Procedure<readonly Resolved[]> {
  switch (request.kind) {
    case 'rename':
    case 'posix-rename':
    case 'hardlink':
      return [yield* locate(request.path), yield* locate(request.to)];
    case 'symlink':
      return yield* locateLink(request.path, request.to);
    default:
  }
  if (isExpansion(request.kind)) return [yield* follow(request.kind, request.path)];
  if (actsOnName(request)) return [yield* locate(request.path)];
  return [yield* follow('realpath', request.path)];
}

/** A directory takes everything below it along. */
function* movesDirectory(request: SftpRequest, path: string): Procedure<boolean> {
  if (request.kind !== 'rename' && request.kind !== 'posix-rename') return false;
  const response = yield* ask('lstat', path);
  if (response.kind === 'status') return false;
  const mode = response.kind === 'attrs' ? response.attributes.permissions : undefined;
  return mode === undefined || (mode & typeBits) === directoryBits;
}

function* judged(request: SftpRequest, places: Places): Procedure<Verdict> {
  for (const operation of operationsOf(request)) {
    const verdict = yield* judge(factsOf(operation, places));
    if (verdict.kind === 'deny') return verdict;
  }
  return { kind: 'allow' };
}

/** What changes names in a directory: `.` and `..` are none, though the target would resolve them to one. */
const namingKinds: ReadonlySet<string> = new Set<SftpRequest['kind']>([
  'remove',
  'rmdir',
  'mkdir',
  'rename',
  'posix-rename',
  'hardlink',
  'symlink',
]);

function lacksName(request: PathRequest): boolean {
  if (!namingKinds.has(request.kind)) return false;
  const names = request.kind === 'symlink' ? [] : [request.path];
  if ('to' in request) names.push(request.to);
  return names.some((path) => splitPath(path) === undefined);
}

const isEmpty = (request: PathRequest): boolean => {
  if (request.kind === 'realpath' || isExpansion(request.kind)) return false;
  return request.path === '' || ('to' in request && request.to === '');
};

/** The request with the resolved paths, except what a link says: that is content. */
function resolvedRequest(request: PathRequest, { path, to }: Places): SftpRequest {
  if (request.kind === 'symlink') return { ...request, to };
  return 'to' in request ? { ...request, path, to } : { ...request, path };
}

const nameOf = (resolved: Resolved | undefined): string =>
  resolved === undefined || resolved.kind === 'refused' ? '' : resolved.path;

/** A link may say what leads nowhere, yet. */
function failureOf(
  request: PathRequest,
  first: Resolved | undefined,
  second: Resolved | undefined,
): StatusResponse | undefined {
  if (first?.kind === 'failed' && request.kind !== 'symlink') return first.status;
  return second?.kind === 'failed' ? second.status : undefined;
}

/**
 * A denied caller learns nothing of the path, not even that it leads nowhere: verdicts come before the target's
 * failure to resolve.
 */
export function* servePaths(request: PathRequest): Procedure<Outcome> {
  if (isEmpty(request)) return { kind: 'refused', rule: 'path-empty' };
  if (lacksName(request)) return { kind: 'refused', rule: 'path-name' };
  const [first, second] = yield* resolve(request);
  for (const resolved of [first, second]) if (resolved?.kind === 'refused') return resolved;
  const path = nameOf(first);
  const to = nameOf(second);
  const failure = failureOf(request, first, second);
  const recursive = failure === undefined && (yield* movesDirectory(request, path));
  const places = { path, to, recursive };
  const verdict = yield* judged(request, places);
  if (verdict.kind === 'deny') return { kind: 'denied', message: verdict.message };
  if (failure !== undefined) return { kind: 'failed', status: failure };
  if (request.kind === 'realpath' || isExpansion(request.kind)) return { kind: 'answer', path };
  return { kind: 'forward', request: resolvedRequest(request, places), places };
}

/** A request whose paths are those of open handles, or that has none. */
export function* serveHandles(request: SftpRequest, places: Places): Procedure<Outcome> {
  const verdict = yield* judged(request, places);
  if (verdict.kind === 'deny') return { kind: 'denied', message: verdict.message };
  return { kind: 'forward', request, places };
}
