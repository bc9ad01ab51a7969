// The outcome by folder of OPA's cases, as a table and as the page of the reference.

import type { Outcome } from './run.ts';

export type Tally = Readonly<Record<Outcome['kind'], number>>;

const none: Tally = { passed: 0, refused: 0, wrong: 0 };

const row = (name: string, { passed, refused, wrong }: Tally): string =>
  `| ${name} | ${passed} | ${refused} | ${wrong} |`;

export function rows(tallies: ReadonlyMap<string, Tally>): readonly string[] {
  const all = [...tallies.values()].reduce(
    (sum, each) => ({
      passed: sum.passed + each.passed,
      refused: sum.refused + each.refused,
      wrong: sum.wrong + each.wrong,
    }),
    none,
  );
  return [
    '| cases | passed | refused | wrong |',
    '| --- | --: | --: | --: |',
    ...[...tallies].map(([folder, tally]) => row(folder, tally)),
    row('**all**', all),
  ];
}

export const page = (tallies: ReadonlyMap<string, Tally>): string => `# Compliance

OPA's own compliance cases (\`v1/test/cases\`), compiled as policies are: the same refusals, the same capabilities, the same
module. A case is _passed_ when the compiled module answers what OPA says, and where OPA errs answers nothing; it is _refused_
when the compiler says why it does not compile. A wrong answer fails \`npm run compliance\`, which wrote this page.

${rows(tallies).join('\n')}
`;
