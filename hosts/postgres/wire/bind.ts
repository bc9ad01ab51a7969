// Bind (F) 'B': portal, statement, parameter formats, parameters, result formats. PostgreSQL "Message Formats".

import type { BodyReader } from './body-reader.ts';
import { openFrame } from './body-reader.ts';
import { frameBody } from './body-writer.ts';
import { frontend } from './message-types.ts';
import { malformed } from './wire-error.ts';

export interface Bind {
  readonly portal: string;
  readonly statement: string;
  /** 0 text, 1 binary; none means all text, one stands for all. */
  readonly parameterFormats: readonly number[];
  /** Views into the frame; null is SQL NULL. */
  readonly parameters: readonly (Buffer | null)[];
  readonly resultFormats: readonly number[];
}

/** Formats, then values: so Bind and FunctionCall have them. */
export const readParameters = (body: BodyReader): Pick<Bind, 'parameterFormats' | 'parameters'> => {
  const parameterFormats = body.formats();
  const parameters: (Buffer | null)[] = [];
  for (let left = body.count(4); left > 0; left -= 1) parameters.push(body.value());
  if (parameterFormats.length > 1 && parameterFormats.length !== parameters.length) {
    throw malformed('number of parameter formats is not the number of parameters');
  }
  return { parameterFormats, parameters };
};

export const decodeBind = (frame: Buffer): Bind => {
  const body = openFrame(frame, frontend.bind);
  const portal = body.text();
  const statement = body.text();
  const { parameterFormats, parameters } = readParameters(body);
  const resultFormats = body.formats();
  body.finish();
  return { portal, statement, parameterFormats, parameters, resultFormats };
};

export const encodeBind = (bind: Bind): Buffer => {
  const body = frameBody(256).text(bind.portal).text(bind.statement);
  body.formats(bind.parameterFormats).uint16(bind.parameters.length);
  for (const parameter of bind.parameters) body.value(parameter);
  return body.formats(bind.resultFormats).frame(frontend.bind);
};
