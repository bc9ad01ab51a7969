// Content-Type (RFC 9110 §8.3): one type with its parameters, never a list that servers take different items of.

const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const quoted = '"(?:[^"\\\\]|\\\\.)*"';
/** Boundaries come unquoted with characters that tokens do not have. */
const value = `(?:[^\\s",;]+|${quoted})`;
const mediaType = new RegExp(`^${token}/${token}(?:[\\t ]*;[\\t ]*(?:${token}=${value})?)*$`);

export const isMediaType = (text: string): boolean => mediaType.test(text);
