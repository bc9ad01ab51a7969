// The page that shows what becomes of every payload: docs/reference/http-attacks.md.

import type { BackendName } from './backends.ts';
import type { Counted } from './differential.ts';
import type { Row } from './run.ts';
import type { SubjectName } from './subject.ts';

export interface BackendRow {
  readonly name: BackendName;
  readonly guarded: Counted;
  readonly alone: Counted;
}

export type Results = ReadonlyMap<SubjectName, readonly Row[]>;

const introduction = `# Attacks on HTTP

What becomes of each payload of \`npm run adversarial -- http\`, sent as raw bytes over TLS, with a target behind the gateway that
keeps every byte it gets. Written by \`npm run adversarial -- http --table\`; nginx and haproxy are those of Debian as plain
reverse proxies, which are not asked to judge anything: their columns show what a target behind them has to bear by itself.

- \`refused\`: nothing came to the target, and the caller got that status. Of an answer: the caller got that status instead.
- \`cut\`: nothing came to the target or the caller, and the connection or stream was ended.
- \`masked\`, \`empty\`: of an answer to a masked caller, that it arrived without a trace of the value planted in it, with what it may show
  or without a body; \`cut\`, that it broke off so that no client takes it for whole.
- \`same\`: the target got what was judged, byte for byte (of proxies: the same method and target), and nothing else.
- \`passed on\`: the target got it; \`changed\`, as another request; \`forged\`, with what the caller made up; \`2 requests\`, as several;
  \`out of step\`, after which caller and proxy no longer agree which answer belongs to which request.

`;

const differential = `## Six servers as targets

All payloads that are requests, at each server: behind Sallyport, and directly. Counted are the lines of the server's own log, among
them those of requests that it refuses itself; not judged are those for which no permission is on record. \`/smuggled\` is what
framing attacks hide in bodies: a server that logs it was fooled, or was sent it openly behind a request that it refused.

| server | behind Sallyport: requests | not judged | directly: requests | not judged | \`/smuggled\` |
|---|---|---|---|---|---|
`;

export function tablePage(results: Results, backends: readonly BackendRow[]): string {
  const names = Array.from(results.keys());
  const own = results.get('sallyport') ?? [];
  const scores = names.map((name) => {
    const rows = results.get(name) ?? [];
    return `${name}: ${rows.filter(({ pass }) => pass).length} of ${rows.length}`;
  });
  const classes = Array.from(new Set(own.map((row) => row.class)));
  const sections = classes.map((kind) => section(kind, results));
  const servers = backends.map(backendLine).join('\n');
  const score = `As expected: ${scores.join(', ')}.`;
  return `${introduction}${score}\n\n${differential}${servers}\n\n${sections.join('\n')}`;
}

function backendLine({ name, guarded, alone }: BackendRow): string {
  const smuggled = alone.unjudged.filter((line) => line.includes('/smuggled')).length;
  const counts = [guarded, alone].map(
    ({ requests, unjudged }) => `${requests} | ${unjudged.length}`,
  );
  return `| ${name} | ${counts.join(' | ')} | ${smuggled} |`;
}

function section(kind: string, results: Results): string {
  const names = Array.from(results.keys());
  const own = results.get('sallyport') ?? [];
  const lines = own
    .filter((row) => row.class === kind)
    .map((row) => {
      const got = names.map((name) => gotBy(results.get(name) ?? [], row));
      return `| ${cell(row.name)} | ${row.expected} | ${got.join(' | ')} |`;
    });
  const head = `| payload | expected | ${names.join(' | ')} |\n|---|---|${names.map(() => '---|').join('')}`;
  return `## ${kind}\n\n${head}\n${lines.join('\n')}\n`;
}

const gotBy = (rows: readonly Row[], { class: kind, name }: Row): string =>
  rows.find((row) => row.class === kind && row.name === name)?.got ?? '–';

const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/[*_<>]/g, '\\$&');
