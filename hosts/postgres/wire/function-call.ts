// FunctionCall (F) 'F' and FunctionCallResponse (B) 'V'. PostgreSQL "Message Formats".

import type { Bind } from './bind.ts';
import { readParameters } from './bind.ts';
import { openFrame } from './body-reader.ts';
import { frameBody } from './body-writer.ts';
import { backend, frontend } from './message-types.ts';

/** Parameters as those of Bind; the message calls them arguments. */
export interface FunctionCall extends Pick<Bind, 'parameterFormats' | 'parameters'> {
  readonly functionOid: number;
  /** 0 text, 1 binary. */
  readonly resultFormat: number;
}

export const decodeFunctionCall = (frame: Buffer): FunctionCall => {
  const body = openFrame(frame, frontend.functionCall);
  const functionOid = body.uint32();
  const { parameterFormats, parameters } = readParameters(body);
  const resultFormat = body.format();
  body.finish();
  return { functionOid, parameterFormats, parameters, resultFormat };
};

export const encodeFunctionCall = (call: FunctionCall): Buffer => {
  const body = frameBody(256).uint32(call.functionOid).formats(call.parameterFormats);
  body.uint16(call.parameters.length);
  for (const parameter of call.parameters) body.value(parameter);
  return body.uint16(call.resultFormat).frame(frontend.functionCall);
};

export const decodeFunctionCallResponse = (frame: Buffer): Buffer | null => {
  const body = openFrame(frame, backend.functionCallResponse);
  const value = body.value();
  body.finish();
  return value;
};

export const encodeFunctionCallResponse = (value: Buffer | null): Buffer =>
  frameBody().value(value).frame(backend.functionCallResponse);
