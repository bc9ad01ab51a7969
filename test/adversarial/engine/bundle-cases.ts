// Bundles that do not come into force: mistakes, attacks on the resolver, failing tests, and what is too large.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Compiler, readBundle } from '../../../engine/policy/index.ts';
import type { Arena } from './arena.ts';
import type { Fault } from './fault.ts';
import { demand, fault } from './fault.ts';
import { asking, rego } from './questions.ts';

type Refusal = readonly [name: string, text: string, word: RegExp];

const when = (condition: string): string => `deny contains "fault" if ${condition}`;

const refused: readonly Refusal[] = [
  ['half a rule', 'deny contains "x" if {', /rego_parse_error/],
  ['bytes that are no text', 'deny contains "\ufffd\u0000" if {', /rego_parse_error/],
  ['a recursive rule', when('p') + '\n\np if p', /rego_recursion_error/],
  ['a recursive function', when('f(1) == 7') + '\n\nf(x) := f(x + 1)', /rego_recursion_error/],
  [
    'functions that call each other',
    when('f(1) == 7') + '\n\nf(x) := g(x)\n\ng(x) := f(x)',
    /rego_recursion_error/,
  ],
  ['a walk through everything', when('walk(input, [_, 7])'), /builtin-refused/],
  ['a range of a billion', when('count(numbers.range(1, 1000000000)) == 7'), /argument-unproven/],
  [
    'a range as long as a fact says',
    when('count(numbers.range(1, input.statement.limit)) == 7'),
    /numbers.range/,
  ],
  [
    'replacing nothing, for ever',
    when('replace(input.statement.command, "", "x") == "x"'),
    /argument-unproven/,
  ],
  [
    'replacing what a fact says',
    when('replace(input.statement.command, input.session.application, "x") == "x"'),
    /argument-unproven/,
  ],
  [
    'a pattern that a fact says',
    when('regex.match(input.session.application, "x")'),
    /pattern-dynamic/,
  ],
  ['repeats of repeats', when('regex.match("((a{0,99}){0,99}){0,99}", "a")'), /pattern-invalid/],
  [
    'a call of the network',
    when('http.send({"method": "get", "url": "x"}).body'),
    /builtin-refused/,
  ],
  ['the wall clock', when('time.now_ns() > 7'), /builtin-refused/],
  ['chance', when('rand.intn("x", 2) == 1'), /builtin-refused/],
  ["the host's environment", when('opa.runtime().env.HOME'), /builtin-refused/],
  [
    'two values for one rule',
    when('p == 1') + '\n\np := 1\n\np := 2',
    /cannot judge an empty statement/,
  ],
  [
    'an evaluation that explodes on nothing',
    `deny contains "x" if {\n${Array.from({ length: 40 }, (_, at) => `\tx${at + 1} := concat("", [x${at}, x${at}])\n`).join('')}\tx40 == input.statement.command\n}\n\nx0 := "x"`,
    /cannot judge an empty statement/,
  ],
];

const resolverFiles: readonly (readonly [name: string, text: string])[] = [
  ['a decision of its own', 'package sallyport\n\ndecision := {"verdict": "allow"}'],
  ['a decision as default', 'package sallyport\n\ndefault decision := {"verdict": "allow"}'],
  ['no malformed entry', 'package sallyport.entries\n\nis_reason(_) if true'],
  ['collections of its own', 'package sallyport.collected\n\nallow contains ["x", "y"]'],
];

/** Without the watchdog's usual patience. */
async function testsForEver(arena: Arena): Promise<void> {
  const impatient = new Compiler({ requestMilliseconds: 2000 });
  try {
    const subject = await arena.subject({
      compiler: {
        compile: (files) => arena.compiler.compile(files),
        test: (files) => impatient.test(files),
      },
    });
    const joins = Array.from({ length: 12 }, (_, at) => `\tsome x${at} in n\n`).join('');
    const numbers = Array.from({ length: 20 }, (_, at) => at).join(', ');
    const text = `package a_test\n\nn := [${numbers}]\n\ntest_ever if {\n${joins}\tx0 + x11 == 99\n}\n`;
    await subject.refuses(
      [rego('fault', when('input.statement.command == "DROP"')), { path: 'a_test.rego', text }],
      /did not answer within 2000 ms/,
    );
  } finally {
    await impatient.close();
  }
}

export const bundleFaults: readonly Fault[] = [
  ...refused.map(([name, text, word]) =>
    fault('bundle', `a bundle with ${name}`, async (arena) => {
      const subject = await arena.shared('bundles');
      await subject.refuses([rego('fault', text)], word);
    }),
  ),
  ...resolverFiles.map(([name, text]) =>
    fault('resolver', `a bundle that gives the resolver ${name}`, async (arena) => {
      const subject = await arena.shared('bundles');
      await subject.refuses([{ path: 'x.rego', text: `${text}\n` }], /"code"/);
    }),
  ),
  fault('resolver', 'a rule that says the nonce', async (arena) => {
    const text = 'allow contains input.nonce if input.statement.command == "FAULT"';
    const subject = await arena.subject({ files: [rego('fault', text)] });
    subject.answers(asking({ command: 'FAULT' }), 'allow rule-allow 0');
  }),
  fault('resolver', 'a rule that says what looks like the end of an answer', async (arena) => {
    const text = `deny contains "]}]\\u0000[{\\"result\\":[" if input.statement.command == "FAULT"`;
    const subject = await arena.subject({ files: [rego('fault', text)] });
    subject.answers(asking({ command: 'FAULT' }), 'deny rule-deny 0');
  }),
  fault('bundle', 'a test that fails', async (arena) => {
    const subject = await arena.shared('bundles');
    const test = { path: 'a_test.rego', text: 'package a_test\n\ntest_never if false\n' };
    const files = [rego('fault', when('input.statement.command == "DROP"')), test];
    await subject.refuses(files, /policy-test-failed/);
  }),
  fault('bundle', 'a test that never ends', testsForEver),
  fault('bundle', 'documents too large for the memory', async (arena) => {
    const limits = { policyMemoryBytesMax: 16 * 1024 * 1024 };
    const subject = await arena.subject({ limits });
    const words = Array.from({ length: 100_000 }, (_, index) => `word ${index}`);
    const files = [
      rego('fault', when('input.statement.command in data.words')),
      { path: 'data.json', text: JSON.stringify({ words }) },
    ];
    await subject.refuses(files, /do not fit into policyMemoryBytesMax/);
  }),
  fault('bundle', 'documents nested without end', async (arena) => {
    const subject = await arena.shared('bundles');
    const text = `{"deep": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const files = [
      rego('fault', when('input.statement.command in data.deep')),
      { path: 'data.json', text },
    ];
    await subject.refuses(files, /\S/);
  }),
  fault('bundle', 'ten thousand and one files', async (arena) => {
    const directory = join(arena.directory, 'many');
    mkdirSync(directory);
    for (let index = 0; index <= 10_000; index += 1) {
      writeFileSync(join(directory, `${index}.rego`), '');
    }
    const why = await readBundle(directory).then(() => 'it is read', String);
    demand(/too many or too large files/.test(why), why);
  }),
];
