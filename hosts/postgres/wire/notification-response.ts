// NotificationResponse (B) 'A': Int32 process id, channel, payload. PostgreSQL "Message Formats".

import { lossyText, openFrame } from './body-reader.ts';
import { frameBody, type Text } from './body-writer.ts';
import { backend } from './message-types.ts';

export interface NotificationResponse {
  readonly processId: number;
  readonly channel: string;
  /** Views into the frame. */
  readonly channelBytes: Buffer;
  readonly payloadBytes: Buffer;
}

export const decodeNotificationResponse = (frame: Buffer): NotificationResponse => {
  const body = openFrame(frame, backend.notificationResponse);
  const processId = body.int32();
  const channelBytes = body.cstring();
  const payloadBytes = body.cstring();
  body.finish();
  return { processId, channel: lossyText(channelBytes), channelBytes, payloadBytes };
};

export const encodeNotificationResponse = (notification: {
  readonly processId: number;
  readonly channel: Text;
  readonly payload: Text;
}): Buffer =>
  frameBody()
    .int32(notification.processId)
    .text(notification.channel)
    .text(notification.payload)
    .frame(backend.notificationResponse);
