import { expect, it } from '@jest/globals';

import { functionIn } from '../../../../hosts/postgres/catalog/function-by-oid.ts';

it('takes the name and the number of parameters from the one row', () => {
  expect(functionIn([['pg_catalog', 'lo_open', '2']])).toEqual({
    ...{ schema: 'pg_catalog', name: 'lo_open', parameters: 2 },
  });
});

it.each([[[]], [[[]]], [[[null, 'f', '0']]], [[['public', null, '0']]]])(
  'knows no function in %j',
  (rows) => {
    expect(functionIn(rows)).toBeUndefined();
  },
);
