// JSON Schema validation that names the exact path of the first mistakes.

import type { ErrorObject } from 'ajv';
import { Ajv } from 'ajv';

import { ConfigError } from '../model/index.ts';

const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });

/**
 * A check of a parsed document against a schema; behind it the document may be taken for its type.
 *
 * @throws ConfigError `config-invalid` with one line a mistake: file, path, what is wrong.
 */
export function validatorOf(schema: object): (value: unknown, file: string) => void {
  const validate = ajv.compile(schema);
  return (value, file) => {
    if (validate(value)) return;
    const mistakes = (validate.errors ?? [])
      // Says only that one of the others is there.
      .filter(({ keyword }) => keyword !== 'if')
      .map((error) => `${file}: ${describe(error)}`);
    throw new ConfigError('config-invalid', [...new Set(mistakes)].join('\n'));
  };
}

function describe(error: ErrorObject): string {
  const path = error.instancePath.slice(1).replaceAll('/', '.').replaceAll('~1', '/') || '(top)';
  const params = error.params as Readonly<Record<string, unknown>>;
  switch (error.keyword) {
    case 'additionalProperties':
      return `${path}: unknown key '${String(params['additionalProperty'])}'`;
    case 'required':
      return `${path}: key '${String(params['missingProperty'])}' is missing`;
    case 'enum':
      return `${path}: must be one of ${JSON.stringify(params['allowedValues'])}`;
    default:
      return `${path}: ${error.message ?? 'is invalid'}`;
  }
}
