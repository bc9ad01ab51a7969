// The page about HTTP/2's conformance: written from the cases, so that it says what is tested.

import { http2Cases } from './run.ts';

const intro = `# HTTP/2

What callers may get wrong in HTTP/2 (RFC 9113, with RFC 7541 for its fields), and what the gateway makes of it. Made by
\`npm run http2 -- --table FILE\` from the cases in \`test/conformance/http2/\`, each of which runs against a gateway while
another connection is served. A section without a name is one of RFC 9113.

A connection error ends the connection with GOAWAY; a stream error resets the one request. Where the RFC asks for a stream
error and a connection error stands here, the gateway is stricter, as §5.4.2 allows. Where it asks for an error and
\`ignored\` stands here, the frame has no effect, and what it carried was not served.
`;

export function http2Page(): string {
  const rows = http2Cases.map(({ section, name, expect }) => {
    const where = section.startsWith('RFC') ? section : `§${section}`;
    return [where, name, expect] as const;
  });
  const head = ['section', 'case', 'outcome'] as const;
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [intro, line(head), rule, ...rows.map(line), ''].join('\n');
}
