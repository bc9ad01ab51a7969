// Reads a Content-Type, RFC 9110 §8.3.1, strictly: a client that reads it otherwise must not find another type in it.

export interface MediaType {
  /** `type/subtype` in lower case. */
  readonly essence: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const essenceText = new RegExp(`${token}/${token}`, 'y');
const parameterText = new RegExp(
  `[ \\t]*;[ \\t]*(?:(${token})=(?:(${token})|"((?:[^"\\\\\\x00-\\x08\\x0a-\\x1f\\x7f]|\\\\[\\t\\x20-\\x7e])*)"))?`,
  'y',
);
const textBytesMax = 256;

/** Undefined when it is no media type, or names a parameter twice. */
export const parseMediaType = (text: string): MediaType | undefined => {
  const trimmed = text.replace(/^[ \t]+|[ \t]+$/g, '');
  if (trimmed.length > textBytesMax) return undefined;
  essenceText.lastIndex = 0;
  const essence = essenceText.exec(trimmed)?.[0].toLowerCase();
  if (essence === undefined) return undefined;
  const parameters = new Map<string, string>();
  let at = essence.length;
  while (at < trimmed.length) {
    parameterText.lastIndex = at;
    const found = parameterText.exec(trimmed);
    if (found === null) return undefined;
    at = parameterText.lastIndex;
    const [, name, plain, quoted] = found;
    if (name === undefined) continue;
    if (parameters.has(name.toLowerCase())) return undefined;
    parameters.set(name.toLowerCase(), plain ?? quoted?.replace(/\\(.)/g, '$1') ?? '');
  }
  return { essence, parameters };
};
