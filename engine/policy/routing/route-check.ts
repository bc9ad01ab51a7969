// Whether routes are of their shape: a damaged index finds fewer rules, and a deny rule that is not found does not deny.

import { PolicyError } from '../../model/index.ts';

type Check = (value: unknown) => boolean;
type Fields = Readonly<Record<string, unknown>>;

/** @throws PolicyError `policy-load` for anything but what the toolchain writes. */
export function checkRoutes(routes: unknown): void {
  if (!isObject(routes) || !Object.hasOwn(routes, '') || !Object.values(routes).every(isRoute)) {
    throw new PolicyError('policy-load', 'the routes of the compiled policy are damaged');
  }
}

function isRoute(route: unknown): boolean {
  if (!isObject(route)) return false;
  const { entrypoint, direct, always, reads, index } = route;
  return (
    typeof entrypoint === 'string' &&
    isCount(direct) &&
    isPaths(always) &&
    isObject(reads) &&
    Object.values(reads).every(isPaths) &&
    isIndex(index)
  );
}

function isIndex(index: unknown): boolean {
  if (!isObject(index)) return false;
  const { sources, rules } = index;
  if (!listOf(sources, isSource)) return false;
  return listOf(rules, (rule) => isRule(rule, sources.length));
}

function isSource(source: unknown): boolean {
  if (!isObject(source)) return false;
  const { path, each = false, field = [], prefix = 0 } = source;
  return (
    isPath(path) && path.length > 0 && typeof each === 'boolean' && isPath(field) && isCount(prefix)
  );
}

function isRule(rule: unknown, sources: number): boolean {
  if (!isObject(rule)) return false;
  const { try: tried, computed = false, conditions, reads } = rule;
  const isCondition: Check = (condition) =>
    isObject(condition) &&
    isCount(condition['source']) &&
    condition['source'] < sources &&
    Array.isArray(condition['values']);
  return (
    isPath(tried) &&
    tried.length === 2 &&
    typeof computed === 'boolean' &&
    listOf(conditions, isCondition) &&
    // It would never be found.
    conditions.length > 0 &&
    isPaths(reads)
  );
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown, is: Check): value is readonly unknown[] =>
  Array.isArray(value) && value.every(is);
const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;
const isPath = (value: unknown): value is readonly string[] =>
  listOf(value, (name) => typeof name === 'string');
const isPaths = (value: unknown): boolean => listOf(value, isPath);
