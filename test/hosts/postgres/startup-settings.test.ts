import { describe, expect, it } from '@jest/globals';

import { startupSettings } from '../../../hosts/postgres/startup-settings.ts';
import type { StartupMessage, StartupParameter } from '../../../hosts/postgres/wire/index.ts';
import { decodeStartupPacket, encodeStartup } from '../../../hosts/postgres/wire/index.ts';

const outcomeOf = (...parameters: readonly StartupParameter[]) => {
  const packet = decodeStartupPacket(encodeStartup([['user', 'ada'], ...parameters]));
  const outcome = startupSettings(packet as StartupMessage);
  return outcome.kind === 'passed' ? [...outcome.settings] : outcome.message;
};

describe('settings of a login', () => {
  it.each<[string, StartupParameter[], [string, string][]]>([
    ['nothing', [], []],
    ['the currentSchema of JDBC', [['search_path', 'sales']], [['search_path', 'sales']]],
    ['PGOPTIONS', [['options', '-c statement_timeout=5s']], [['statement_timeout', '5s']]],
    ['the last of a name in options', [['options', '-c geqo=on --geqo=off']], [['geqo', 'off']]],
    [
      'what is beside options before what is in it',
      [
        ['timezone', 'UTC'],
        ['options', '-c TimeZone=CET'],
      ],
      [['timezone', 'UTC']],
    ],
    [
      'the values that the gateway itself sends, for nothing',
      [
        ['client_encoding', "'utf-8'"],
        ['options', '-c client_encoding=UNICODE -c standard_conforming_strings=on'],
      ],
      [],
    ],
    ['options of the protocol, for nothing', [['_pq_.feature', '1']], []],
  ])('take %s', (_name, parameters, settings) => {
    expect(outcomeOf(...parameters)).toEqual(settings);
  });

  it.each<[string, string]>([
    ['role', 'postgres'],
    ['session_authorization', 'postgres'],
    ['replication', 'database'],
    ['replication', 'false'],
    ['local_preload_libraries', 'x'],
    ['session_replication_role', 'replica'],
    ['row_security', 'off'],
    ['backslash_quote', 'on'],
    ['transform_null_equals', 'on'],
    ['log_statement', 'none'],
    ['constructor', 'x'],
    ['__proto__', 'x'],
    ['client_encoding', 'SJIS'],
    ['client_encoding', "'UTF8', 'x'"],
    ['standard_conforming_strings', 'off'],
    ['standard_conforming_strings', ''],
  ])('refuse %s=%s, in options as well', (name, value) => {
    const escaped = value.replaceAll(' ', '\\ ');
    expect(outcomeOf([name, value])).toContain(name);
    expect(outcomeOf(['options', `-c ${name}=${escaped}`])).toContain(name);
    expect(outcomeOf(['options', `--${name.toUpperCase()}=${escaped}`])).toContain(name);
  });

  it.each(['user', 'database', 'options', '_pq_.feature'])(
    'know no setting %s, which only a parameter may be called',
    (name) => {
      expect(outcomeOf(['options', `-c ${name}=x`])).toContain(name);
    },
  );

  it('let no harmless value of a parameter excuse another in options', () => {
    expect(
      outcomeOf(['client_encoding', 'UTF8'], ['options', '-c client_encoding=SJIS']),
    ).toContain('client_encoding');
  });
});
