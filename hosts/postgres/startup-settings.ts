// Which settings a client may bring to its login. What is on the list changes how results look, how long they may take
// or where names are looked up, never how the server reads text or as whom it acts.

import type { StartupMessage } from './wire/index.ts';
import { decodeStartupOptions } from './wire/index.ts';

export type StartupSettings =
  | {
      readonly kind: 'passed';
      /** For the target, each name once, in lower case. */
      readonly settings: ReadonlyMap<string, string>;
    }
  | { readonly kind: 'refused'; readonly message: string; readonly hint: string };

/**
 * All may be set by anyone at any time. `search_path` is on it because no name is judged by it: a name without a schema
 * means every relation of that name, and a function only what no user's function can shadow.
 */
const passedNames = new Set([
  'application_name',
  'bytea_output',
  'client_min_messages',
  'datestyle',
  'default_transaction_deferrable',
  'default_transaction_isolation',
  'default_transaction_read_only',
  'extra_float_digits',
  'geqo',
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
  'intervalstyle',
  'jit',
  'lock_timeout',
  'max_parallel_workers_per_gather',
  'plan_cache_mode',
  'search_path',
  'statement_timeout',
  'synchronous_commit',
  'timezone',
  'transaction_timeout',
  'work_mem',
]);

/** What the gateway says to the target itself: a client may only repeat it. */
const fixedSettings: Readonly<Record<string, { readonly same: RegExp; readonly hint: string }>> = {
  // A client that says ASCII takes whatever bytes come.
  client_encoding: {
    same: /^(utf-?8|unicode|sql_ascii)$/i,
    hint: 'set PGCLIENTENCODING=UTF8',
  },
  standard_conforming_strings: {
    same: /^(on|true|yes|1)$/i,
    hint: 'leave standard_conforming_strings on',
  },
};

const ownNames = new Set(['user', 'database', 'options']);

/**
 * Of a name both in `options` and beside it the latter counts, as it does for the server.
 *
 * @throws WireError for options that are no settings.
 */
export function startupSettings(startup: StartupMessage): StartupSettings {
  const beside = startup.parameters.filter(
    ([name]) => !ownNames.has(name) && !name.startsWith('_pq_.'),
  );
  const settings = new Map<string, string>();
  for (const [name, value] of [...decodeStartupOptions(startup.options ?? ''), ...beside]) {
    const fixed = Object.hasOwn(fixedSettings, name) ? fixedSettings[name] : undefined;
    if (fixed !== undefined) {
      if (fixed.same.test(unquoted(value))) continue;
      return refused(`startup parameter ${name} cannot be ${JSON.stringify(value)}`, fixed.hint);
    }
    if (!passedNames.has(name)) {
      return refused(
        `startup parameter ${name} is not supported`,
        `do not send ${name}; SET it in the session if the policy allows that`,
      );
    }
    settings.set(name, value);
  }
  return { kind: 'passed', settings };
}

function refused(message: string, hint: string): StartupSettings {
  return { kind: 'refused', message, hint };
}

function unquoted(value: string): string {
  return value.trim().replace(/^'(.*)'$/, '$1');
}
