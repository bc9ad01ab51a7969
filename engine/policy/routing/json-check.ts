// Whether a value that is JSON by its type is JSON: JSON.stringify leaves out or replaces what it cannot write.

import { PolicyError } from '../../model/index.ts';

/** `inputDepthMax` can be set to no more. */
const depthMax = 1000;

/**
 * Ends early for what is too large or too deep.
 *
 * @param sizeMax Of values and UTF-16 units of text together: as JSON text it has more bytes.
 */
export function isJson(value: unknown, sizeMax: number): boolean {
  return new JsonWalk(sizeMax).isJson(value, depthMax);
}

export const noJson = (): PolicyError =>
  new PolicyError('policy-evaluate', 'the facts are no JSON, or too large');

class JsonWalk {
  #left: number;

  constructor(sizeMax: number) {
    this.#left = sizeMax;
  }

  isJson(value: unknown, levels: number): boolean {
    this.#left -= 1;
    if (this.#left < 0) return false;
    switch (typeof value) {
      case 'boolean':
        return true;
      case 'number':
        return Number.isFinite(value);
      case 'string':
        this.#left -= value.length;
        return this.#left >= 0;
      case 'object':
        return value === null || (levels > 0 && this.#isCollection(value, levels - 1));
      default:
        return false;
    }
  }

  #isCollection(value: object, levels: number): boolean {
    if (Array.isArray(value)) {
      // By index: a hole is no value.
      for (let index = 0; index < value.length; index += 1) {
        if (!this.isJson(value[index], levels)) return false;
      }
      return true;
    }
    if (!isPlain(value)) return false;
    const members = value as Readonly<Record<string, unknown>>;
    const names = Object.keys(members);
    if (names.length > this.#left) return false;
    return names.every((name) => {
      this.#left -= name.length;
      return this.isJson(members[name], levels);
    });
  }
}

/** Dates, maps and the like are written as something else, or as nothing. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
