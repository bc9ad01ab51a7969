// Turns inputs that a decoder knows into ones that it does not.

import type { Random } from './random.ts';

export const inputBytesMax = 32 * 1024;

/** Numbers at which lengths, counts and signs go wrong. */
const edges = [0, 1, 2, 3, 4, 5, 8, 16, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000];
const wideEdges = [...edges, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

type Mutation = (input: Buffer, random: Random, other: Buffer) => Buffer;

const at = (input: Buffer, random: Random): number => random.below(input.length + 1);

const insert = (input: Buffer, offset: number, bytes: Buffer): Buffer =>
  Buffer.concat([input.subarray(0, offset), bytes, input.subarray(offset)]);

const pick = <Item>(items: readonly Item[], random: Random): Item =>
  items[random.below(items.length)] as Item;

const mutations: readonly Mutation[] = [
  function flipBit(input, random) {
    const copy = Buffer.from(input);
    const offset = at(input, random);
    if (offset < copy.length)
      copy.writeUInt8(copy.readUInt8(offset) ^ (1 << random.below(8)), offset);
    return copy;
  },
  function overwriteByte(input, random) {
    const copy = Buffer.from(input);
    const offset = at(input, random);
    const value = pick([0, 1, 0x20, 0x2c, 0x3d, 0x7f, 0x80, 0xc3, 0xff], random);
    if (offset < copy.length) copy.writeUInt8(value, offset);
    return copy;
  },
  function overwriteInt16(input, random) {
    if (input.length < 2) return input;
    const copy = Buffer.from(input);
    copy.writeUInt16BE(pick(edges, random) & 0xffff, random.below(input.length - 1));
    return copy;
  },
  function overwriteInt32(input, random) {
    if (input.length < 4) return input;
    const copy = Buffer.from(input);
    copy.writeUInt32BE(pick(wideEdges, random), random.below(input.length - 3));
    return copy;
  },
  function truncate(input, random) {
    return input.subarray(0, at(input, random));
  },
  function remove(input, random) {
    const from = at(input, random);
    return Buffer.concat([input.subarray(0, from), input.subarray(from + 1 + random.below(8))]);
  },
  function insertBytes(input, random) {
    const bytes = Buffer.from(Array.from({ length: 1 + random.below(8) }, () => random.below(256)));
    return insert(input, at(input, random), bytes);
  },
  function repeat(input, random) {
    const from = at(input, random);
    const piece = input.subarray(from, from + 1 + random.below(64));
    return insert(input, from, piece);
  },
  function splice(input, random, other) {
    return Buffer.concat([input.subarray(0, at(input, random)), other.subarray(at(other, random))]);
  },
  function append(input, _random, other) {
    return Buffer.concat([input, other]);
  },
];

export const mutate = (input: Buffer, random: Random, other: Buffer): Buffer => {
  let mutated = input;
  for (let left = 1 + random.below(4); left > 0; left -= 1) {
    mutated = pick(mutations, random)(mutated, random, other);
  }
  return mutated.subarray(0, inputBytesMax);
};
