// The thread that makes one image and ends.

import { parentPort, workerData } from 'node:worker_threads';

import { makeImage } from './image.ts';
import type { ImageOrder } from './image-thread.ts';

const { wasm, data, memoryBytesMax } = workerData as ImageOrder;
const image = makeImage(wasm, data, memoryBytesMax);
parentPort?.postMessage(image, [image.bytes.buffer]);
