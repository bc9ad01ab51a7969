// Percent-encoding (RFC 3986 §2.1) of UTF-8 (RFC 3629), decoded strictly and once.

import { isUtf8 } from 'node:buffer';

export const hasBadEscape = (text: string): boolean => /%(?![0-9A-Fa-f]{2})/.test(text);

/**
 * @param text Visible ASCII in which every `%` starts an escape.
 * @returns undefined for what is not UTF-8: overlong forms and surrogates are not.
 */
export function percentDecode(text: string): string | undefined {
  if (!text.includes('%')) return text;
  const bytes = Buffer.allocUnsafe(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x25) {
      bytes[length] = Number.parseInt(text.slice(at + 1, at + 3), 16);
      at += 2;
    } else {
      bytes[length] = code;
    }
    length += 1;
  }
  const decoded = bytes.subarray(0, length);
  return isUtf8(decoded) ? decoded.toString('utf8') : undefined;
}
