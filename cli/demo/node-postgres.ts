// node-postgres, for machines without psql; shows what comes back as psql would.

import { readFileSync } from 'node:fs';

import type { Client as Driver, QueryArrayResult } from 'pg';

import type { Client, ClientOptions, ClientReply, ClientSession } from './client-session.ts';
import type { Person } from './people.ts';
import { gatewayName } from './workspace.ts';

export async function nodePostgresClient(options: ClientOptions): Promise<Client> {
  const { default: pg } = await import('pg');
  const connect = async (person: Person): Promise<ClientSession> => {
    const driver = new pg.Client({
      host: gatewayName,
      port: options.port,
      user: person.name,
      password: person.token,
      database: options.database,
      ssl: { ca: readFileSync(options.ca, 'utf8') },
      application_name: 'node-postgres',
    });
    await driver.connect();
    return sessionOf(driver);
  };
  return { name: 'node-postgres', connect };
}

function sessionOf(driver: Driver): ClientSession {
  const run = async (
    sql: string,
    onText: (text: string) => void = () => undefined,
  ): Promise<ClientReply> => {
    let text = '';
    const show = (more: string) => {
      text = text === '' ? more : `${text}\n${more}`;
      onText(text);
    };
    const onNotice = (notice: Shown) => {
      show(describe('NOTICE', notice));
    };
    driver.on('notice', onNotice);
    try {
      const result = await driver.query<string[]>({ text: sql, rowMode: 'array', types: asText });
      show(describeResult(result));
      return { text, sqlstate: '00000' };
    } catch (error) {
      const failure = error as Shown & { readonly code?: string };
      show(describe('ERROR', failure));
      return { text, sqlstate: failure.code ?? 'XX000' };
    } finally {
      driver.off('notice', onNotice);
    }
  };
  return { run, close: () => driver.end() };
}

interface Shown {
  readonly message?: string | undefined;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
}

/** Values as the server wrote them. */
const asText = { getTypeParser: () => (value: string | Buffer) => String(value) };

function describe(severity: string, { message = '', detail, hint }: Shown): string {
  const lines = [`${severity}:  ${message}`];
  if (detail !== undefined) lines.push(`DETAIL:  ${detail}`);
  if (hint !== undefined) lines.push(`HINT:  ${hint}`);
  return lines.join('\n');
}

function describeResult({ command, rowCount, fields, rows }: QueryArrayResult<string[]>): string {
  if (fields.length === 0) return `${command} ${String(rowCount ?? '')}`.trim();
  const lines = [
    fields.map(({ name }) => name),
    ...rows.map((row) => row.map((cell: string | null) => cell ?? '')),
  ];
  const widths = fields.map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? '').length)),
  );
  const [head = '', ...body] = lines.map((line) =>
    line.map((cell, column) => ` ${cell.padEnd(widths[column] ?? 0)} `).join('|'),
  );
  const rule = widths.map((width) => '-'.repeat(width + 2)).join('+');
  const count = `(${String(rows.length)} row${rows.length === 1 ? '' : 's'})`;
  return [head, rule, ...body, count].join('\n');
}
