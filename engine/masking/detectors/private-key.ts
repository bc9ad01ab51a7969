// Private keys in PEM: RFC 7468 §10 and §11, and the older labels of the same form.

import { byteClass, endOfRun, noBytes, type Detector, type Match, type Place } from './detector.ts';

/** A longer key is masked as `fixed`, to its last byte. */
const valueBytesMax = 16 * 1024;
const pemBegin = Buffer.from('-----BEGIN ');
const pemLabelEnd = Buffer.from('PRIVATE KEY-----');
const pemEnd = Buffer.from('-----END ');
/** RFC 7468, the headers of RFC 1421, and line ends that were escaped once more. */
const pemBytes = byteClass(
  '09',
  'AZ',
  'az',
  '++',
  '//',
  '==',
  '--',
  '::',
  ',,',
  '\\\\',
  '  ',
  '\t\t',
  '\n\n',
  '\r\r',
);
const pemLabelBytesMax = 64;

/** A private key without its end is one to the last byte that can belong to it. */
const match = ({ text, at, final }: Place): Match | 'more' | undefined => {
  const head = text.subarray(at, at + pemBegin.length + pemLabelBytesMax);
  const known = Math.min(head.length, pemBegin.length);
  if (!pemBegin.subarray(0, known).equals(head.subarray(0, known))) return undefined;
  const isWholeHead = final || head.length === pemBegin.length + pemLabelBytesMax;
  const label = head.indexOf(pemLabelEnd);
  if (label === -1) return isWholeHead ? undefined : 'more';
  const bodyAt = at + label + pemLabelEnd.length;
  const run = endOfRun(text, bodyAt, pemBytes, valueBytesMax);
  const footer = text.subarray(bodyAt, run).indexOf(pemEnd);
  const footerEnd = footer === -1 ? -1 : text.indexOf('-----', bodyAt + footer + pemEnd.length);
  if (footerEnd !== -1 && footerEnd + 5 <= run) return { start: at, end: footerEnd + 5 };
  if (run - bodyAt === valueBytesMax) return { start: at, end: run, rest: pemBytes };
  return run === text.length && !final ? 'more' : { start: at, end: run };
};

export const privateKey: Detector = {
  name: 'token',
  triggers: byteClass('--'),
  seconds: byteClass('--'),
  notBehind: noBytes,
  bytesMin: pemBegin.length + pemLabelEnd.length,
  lookBehind: 0,
  behind: noBytes,
  inNumbers: false,
  match,
};
