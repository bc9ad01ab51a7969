// When a socket is read, and when not.

import { once } from 'node:events';
import { Socket } from 'node:net';

import { describe, expect, it } from '@jest/globals';

import { Reading } from '../../../../hosts/ssh/guard/reading.ts';

const bulk = 32 * 1024;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('reading', () => {
  it('lets what comes in bulk gather from the next turn on, and reads again', async () => {
    const socket = new Socket();
    const reading = new Reading(socket);
    reading.came(bulk);
    expect(socket.isPaused()).toBe(false);
    const paused = once(socket, 'pause');
    await paused;
    await once(socket, 'resume');
    expect(socket.isPaused()).toBe(false);
    reading.came(bulk);
    await once(socket, 'pause');
  });

  it('never waits for what comes in less', async () => {
    const socket = new Socket();
    const reading = new Reading(socket);
    reading.came(bulk - 1);
    await turn();
    expect(socket.isPaused()).toBe(false);
  });

  it('goes on only when no reason to wait is left', async () => {
    const socket = new Socket();
    const reading = new Reading(socket);
    reading.pause('writes', true);
    reading.pause('turn', true);
    reading.pause('turn', false);
    await turn();
    expect(socket.isPaused()).toBe(true);
    reading.pause('writes', false);
    await once(socket, 'resume');
    expect(socket.isPaused()).toBe(false);
  });

  it('stays open at the end, whatever is told later', async () => {
    const socket = new Socket();
    const reading = new Reading(socket);
    reading.pause('writes', true);
    reading.end();
    reading.pause('turn', true);
    await once(socket, 'resume');
    expect(socket.isPaused()).toBe(false);
  });
});
