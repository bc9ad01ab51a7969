// What masks allow. public.users.email is masked (with its generated twin and the child table vip), and
// public.events.email by its partition's rule. Anything not proven is denied.

import { describe, expect, it } from '@jest/globals';

import type { MaskingRule } from '#engine/model';

import { analyse, planMasks } from '../../../../hosts/postgres/sql/index.ts';
import type { MaskPlan } from '../../../../hosts/postgres/sql/index.ts';
import { clear, denied, masked } from './mask-corpus.ts';
import { safe, shop } from './shop-catalog.ts';

const masks: readonly MaskingRule[] = [
  { column: 'public.users.email', strategy: 'partial' },
  { column: 'public.events_1.email', strategy: 'hash' },
];

const planOf = (text: string, rules = masks): MaskPlan => {
  const result = analyse(text, shop, safe);
  if (result.kind === 'refused') throw new Error(`${text}: ${result.message}`);
  expect(result.statements).toHaveLength(1);
  return planMasks(result.statements[0]!, shop, { masks: rules, inferable: [] });
};

const strategiesOf = (plan: MaskPlan): string => {
  if (plan.kind !== 'masked') return plan.kind;
  const { columns } = plan.result;
  return columns === undefined ? '?' : columns.map(({ strategy }) => strategy ?? '-').join(' ');
};

describe('mask plan', () => {
  it.each(masked)('masks: %s → %s', (text, strategies) => {
    const plan = planOf(text);
    expect(plan).toMatchObject({ kind: 'masked' });
    expect(strategiesOf(plan)).toBe(strategies);
  });

  it.each(clear)('needs no masks: %s', (text) => {
    expect(planOf(text)).toEqual({ kind: 'clear' });
  });

  it.each(denied)('denies: %s', (text) => {
    expect(planOf(text)).toMatchObject({ kind: 'denied', code: 'mask-unsupported' });
  });

  it.each([...masked.map(([text]) => text), ...clear, ...denied])(
    'without masks lets pass: %s',
    (text) => {
      expect(planOf(text, [])).toEqual({ kind: 'clear' });
    },
  );

  it('gives the origins of the masked column, its family and what is generated from it', () => {
    const plan = planOf('SELECT * FROM users');
    expect(plan.kind === 'masked' ? plan.result.origins : undefined).toEqual(
      new Map([
        [
          100,
          new Map([
            [3, 'partial'],
            [5, 'null'],
          ]),
        ],
        [111, new Map([[3, 'partial']])],
        [109, new Map([[2, 'hash']])],
        [110, new Map([[2, 'hash']])],
      ]),
    );
  });

  it('takes the most restrictive of several rules for a column', () => {
    const rules: readonly MaskingRule[] = [
      { column: 'crm.people.email', strategy: 'partial' },
      { column: 'crm.people.email', strategy: 'fixed' },
      { column: 'crm.people.email', strategy: 'hash' },
    ];
    expect(strategiesOf(planOf('SELECT email FROM crm.people', rules))).toBe('fixed');
  });

  it('counts every relation of a name, whatever the search_path', () => {
    const rules: readonly MaskingRule[] = [{ column: 'crm.notes.body', strategy: 'null' }];
    expect(strategiesOf(planOf('SELECT lower(body) FROM notes', rules))).toBe('null');
    expect(strategiesOf(planOf('SELECT body FROM notes', rules))).toBe('null');
    expect(strategiesOf(planOf('SELECT * FROM notes', rules))).toBe('?');
    expect(strategiesOf(planOf('SELECT body FROM (SELECT * FROM notes) s', rules))).toBe('null');
    expect(planOf('SELECT * FROM notes UNION ALL TABLE notes', rules).kind).toBe('denied');
    expect(planOf('SELECT lower(body) FROM public.notes', rules)).toEqual({ kind: 'clear' });
  });

  it('sees a call on the whole row of a namesake that lacks the column', () => {
    const rules: readonly MaskingRule[] = [{ column: 'crm.odd.secret', strategy: 'null' }];
    expect(strategiesOf(planOf('SELECT odd.to_json FROM odd', rules))).toBe('null');
    expect(strategiesOf(planOf('SELECT odd.id FROM odd', rules))).toBe('-');
  });

  describe('where a policy lets email be inferred', () => {
    const inferring = (text: string): string => {
      const result = analyse(text, shop, safe);
      if (result.kind === 'refused') throw new Error(`${text}: ${result.message}`);
      const inferable = ['public.users.email'];
      return strategiesOf(planMasks(result.statements[0]!, shop, { masks, inferable }));
    };

    it.each([
      ["SELECT id, email FROM users WHERE email = 'a' ORDER BY email", '- partial'],
      ['SELECT email, count(*) FROM users GROUP BY 1 HAVING max(email) > $1', 'partial -'],
      ['SELECT DISTINCT email FROM vip', 'partial'],
      ['SELECT u.id FROM users u JOIN contacts c USING (email)', '-'],
      ["SELECT email LIKE 'a%', length(email) - 1 FROM users", 'null null'],
      ['SELECT email FROM users UNION SELECT email FROM contacts', 'partial'],
      ["SELECT id FROM v_users WHERE email > 'a'", '-'],
      ["SELECT id FROM users WHERE email_lower = 'a'", '-'],
      ["DELETE FROM users WHERE email = 'a'", ''],
      ["EXPLAIN SELECT id FROM users WHERE email = 'a'", '?'],
    ])('masks, but lets decide: %s', (text, strategies) => {
      expect(inferring(text)).toBe(strategies);
    });

    it('does not rely on origins where the server gives none', () => {
      const inferable = ['crm.notes.body'];
      const rules: readonly MaskingRule[] = [{ column: 'crm.notes.body', strategy: 'null' }];
      const planned = (text: string): string => {
        const result = analyse(text, shop, safe);
        if (result.kind === 'refused') throw new Error(`${text}: ${result.message}`);
        return strategiesOf(planMasks(result.statements[0]!, shop, { masks: rules, inferable }));
      };
      expect(planned('SELECT * FROM notes n JOIN orders o USING (id)')).toBe('?');
      expect(planned('SELECT * FROM notes n LEFT JOIN notes m USING (body)')).toBe('denied');
      expect(planned('SELECT * FROM notes n FULL JOIN notes m USING (body)')).toBe('denied');
      expect(planned('SELECT * FROM notes n NATURAL FULL JOIN notes m')).toBe('denied');
      expect(planned('SELECT j.* FROM (notes n FULL JOIN notes m USING (body)) j')).toBe('denied');
      expect(
        planned('SELECT * FROM (SELECT * FROM notes n FULL JOIN notes m USING (body)) s'),
      ).toBe('denied');
      expect(planned('SELECT body FROM notes n FULL JOIN notes m USING (body)')).toBe('null');
    });

    it.each([
      'UPDATE users SET name = email',
      'INSERT INTO contacts SELECT id, email FROM users',
      "SELECT id FROM users WHERE set_config('a.b', email, false) IS NULL",
      "SELECT id FROM users ORDER BY pg_notify('a', email)",
      'SELECT id FROM users WHERE pg_advisory_lock(length(email)) IS NULL',
      'SELECT id FROM events ORDER BY email',
      'CREATE TABLE x AS SELECT email FROM users',
      "SELECT id FROM users WHERE users::text LIKE '%a%' AND ssn = leak(1)",
    ])('still denies: %s', (text) => {
      expect(inferring(text)).toBe('denied');
    });
  });

  it('denies when a rule names a column that its relation does not have', () => {
    const rules: readonly MaskingRule[] = [{ column: 'public.users.mail', strategy: 'null' }];
    expect(planOf('SELECT 1', rules)).toMatchObject({ kind: 'denied', needsRefresh: true });
  });

  it('ignores a rule for a relation that does not exist', () => {
    const rules: readonly MaskingRule[] = [{ column: 'public.gone.email', strategy: 'null' }];
    expect(planOf('SELECT email FROM users', rules)).toEqual({ kind: 'clear' });
  });

  it('asks for a fresh catalog where a name is unknown', () => {
    expect(planOf('SELECT * FROM nowhere')).toMatchObject({ kind: 'denied', needsRefresh: true });
    expect(planOf('SELECT nothing FROM users')).toMatchObject({ needsRefresh: true });
    expect(planOf('SELECT id FROM users ORDER BY email')).toMatchObject({ needsRefresh: false });
  });
});

describe('columns that are many and come from many', () => {
  const relations = [...shop.relations.values()].slice(0, 20);
  const names = relations.map(({ columns }, at) => `t${at}."${columns[0]!.name}"`).join();
  const from = relations.map(({ qualified }, at) => `${qualified} t${at}`).join();
  const columns = (name: string): string => Array.from({ length: 1500 }, () => name).join();
  const wide = `WITH s AS (SELECT concat(${names}) AS x FROM ${from}), w AS (SELECT ${columns('x')} FROM s)`;

  it.each([
    [
      'taken together again and again',
      Array.from({ length: 3000 }, () => '(SELECT DISTINCT * FROM w)'),
    ],
    ['as whole rows', [`(SELECT ${columns('w')} FROM w)`]],
  ])('are refused when they are %s', (_name, queries) => {
    const items = queries.map((query, at) => `${query} a${at}`).join();
    expect(analyse(`${wide} SELECT 1 FROM ${items}`, shop, safe)).toMatchObject({
      kind: 'refused',
      code: 'statement-too-large',
    });
  });

  it('are followed where they are used once', () => {
    expect(analyse(`${wide} SELECT * FROM w`, shop, safe)).toMatchObject({ kind: 'analysed' });
  });
});
