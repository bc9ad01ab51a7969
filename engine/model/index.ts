// Plain types that every room shares.

export * from './decision.ts';
export * from './errors.ts';
export * from './ids.ts';
export * from './json.ts';
export * from './limits.ts';
export * from './principal.ts';
export * from './reasons.ts';
export * from './session.ts';
export * from './statement.ts';
