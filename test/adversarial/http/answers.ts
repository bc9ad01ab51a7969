// Answers in the bytes that a caller got, read as a strict client reads them.

export interface ReadAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

export interface AnswersRead {
  /** Complete ones, without interim ones (RFC 9110 §15.2). */
  readonly answers: readonly ReadAnswer[];
  /** What comes behind them. */
  readonly rest: Buffer;
}

const headEnd = '\r\n\r\n';

/** @param methods Of the requests, in turn: an answer to HEAD has no body. */
export function readAnswers(bytes: Buffer, methods: readonly string[]): AnswersRead {
  const answers: ReadAnswer[] = [];
  let rest = bytes;
  for (;;) {
    const end = rest.indexOf(headEnd);
    if (end < 0) return { answers, rest };
    const head = rest.toString('latin1', 0, end);
    const status = Number(/^HTTP\/1\.[01] (\d{3})\b/.exec(head)?.[1] ?? 0);
    const isBodyless = methods[answers.length] === 'HEAD' || [204, 304].includes(status);
    const start = end + headEnd.length;
    const body = status < 200 || isBodyless ? { text: '', end: start } : bodyOf(head, rest, start);
    if (body === undefined) return { answers, rest };
    if (status >= 200 || status === 0) answers.push({ status, head, body: body.text });
    rest = rest.subarray(body.end);
  }
}

interface BodyRead {
  readonly text: string;
  readonly end: number;
}

/** Undefined while it is not whole, and where it ends with the connection. */
function bodyOf(head: string, bytes: Buffer, start: number): BodyRead | undefined {
  if (/^transfer-encoding: *chunked *$/im.test(head)) return readChunks(bytes, start);
  const declared = /^content-length: *(\d+) *$/im.exec(head)?.[1];
  const end = start + Number(declared);
  if (declared === undefined || bytes.length < end) return undefined;
  return { text: bytes.toString('latin1', start, end), end };
}

export function readChunks(bytes: Buffer, start: number): BodyRead | undefined {
  let text = '';
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const data = lineEnd + 2;
    if (Number.isNaN(size) || bytes.length < data + size + 2) return undefined;
    if (size === 0) return { text, end: data + 2 };
    text += bytes.toString('latin1', data, data + size);
    at = data + size + 2;
  }
}
