// JSON values as plain types: what crosses into a policy and what goes into a recording.

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}
