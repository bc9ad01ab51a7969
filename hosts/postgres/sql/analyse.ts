// SQL text → facts for policy, and where each column is used. Pure: the same text, catalog and settings give
// the same answer, in the gateway and offline.

import type { RawStmt } from 'libpg-query';

import { visitors, visitStatement } from './analysis/statement.ts';
import { provenSafe } from './analysis/settings.ts';
import type { Output } from './analysis/scope.ts';
import { noOutput, rootScope, rowFlow } from './analysis/scope.ts';
import { finish, newWalk } from './analysis/walk.ts';
import type { Catalog } from './catalog.ts';
import { parseSql } from './parser.ts';
import { isReviewed } from './reviewed-functions.ts';
import type { AnalysedStatement, Analysed, AnalyseOptions, Refused, ResultShape } from './types.ts';

/** Parses and judges a text of any number of statements; one that is refused refuses all. Never throws. */
export function analyse(
  text: string,
  catalog: Catalog,
  options: AnalyseOptions,
): Analysed | Refused {
  // A server with other settings may see other ends of strings where there is a backslash or a high byte.
  if (/[\\\u0080-\uffff]/.test(text) && !provenSafe(options.settings)) {
    return {
      kind: 'refused',
      code: 'statement-ambiguous',
      message: 'the session settings do not prove how the target reads this text',
      hint: 'keep standard_conforming_strings on and client_encoding at UTF8',
    };
  }
  const parsed = parseSql(text, options.statementBytesMax);
  if (parsed.kind === 'refused') return parsed;
  const statements: AnalysedStatement[] = [];
  try {
    const bytes = parsed.statements.length > 1 ? Buffer.from(text) : undefined;
    for (const raw of parsed.statements) {
      const slice = bytes === undefined ? text : sliceOf(bytes, raw);
      const result = analyseOne(raw, slice, catalog);
      if (result.kind === 'refused') return result;
      statements.push(result.statement);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return {
      kind: 'refused',
      code: 'statement-too-large',
      message: 'the statement nests too deeply or holds too many names',
      hint: 'use fewer columns, tables or sub-queries in one statement',
    };
  }
  return { kind: 'analysed', statements };
}

// Offsets count bytes.
function sliceOf(bytes: Buffer, raw: RawStmt): string {
  const start = raw.stmt_location ?? 0;
  const length = raw.stmt_len ?? 0;
  return bytes.toString('utf8', start, length === 0 ? bytes.length : start + length);
}

type One = { readonly kind: 'one'; readonly statement: AnalysedStatement } | Refused;

function analyseOne(raw: RawStmt, text: string, catalog: Catalog): One {
  const walk = newWalk(catalog, visitors);
  const output = raw.stmt === undefined ? noOutput : visitStatement(walk, rootScope, raw.stmt);
  if (walk.refused !== undefined) return walk.refused;
  const judged = walk.judged.map(finish);
  return {
    kind: 'one',
    statement: {
      text,
      facts: judged[0] ?? finish(walk.draft),
      judged,
      copy: walk.copy,
      copyLayout: walk.copyLayout,
      transaction: walk.transaction,
      changesCatalog: walk.changesCatalog,
      defines: walk.defines,
      runs: walk.runs,
      mayChangeSettings:
        walk.mayChangeSettings || [...walk.functions].some((name) => !isReviewed(name, catalog)),
      unknownRelation: walk.unknownRelation,
      uses: walk.uses,
      result: shapeOf(output),
      maskClass: walk.maskClass,
      reads: walk.touched.read,
      writes: walk.touched.write,
      functions: walk.functions,
      unknown: walk.unknown,
      operators: walk.operators,
      casts: walk.casts,
      consulted: walk.consulted,
    },
  };
}

function shapeOf(output: Output): ResultShape {
  return output.complete
    ? { columns: output.flows, names: output.names, isComplete: true }
    : {
        columns: [...output.flows, ...output.stars.map(rowFlow), output.rest],
        names: [],
        isComplete: false,
      };
}
