// The signatures that AWS publishes: its Signature Version 4 test suite, and "Examples: Signature Calculations" of S3.

import { createHash } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import { awsFields } from '../../../../hosts/http/upstream/aws-signature.ts';
import type { UnsignedRequest } from '../../../../hosts/http/upstream/unsigned-request.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const suite = {
  key: {
    ...{ region: 'us-east-1', service: 'service' },
    accessKey: 'AKIDEXAMPLE',
    secretKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  },
  authority: 'example.amazonaws.com',
  now: Date.UTC(2015, 7, 30, 12, 36),
};
const objects = {
  key: {
    ...{ region: 'us-east-1', service: 's3' },
    accessKey: 'AKIAIOSFODNN7EXAMPLE',
    secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  },
  authority: 'examplebucket.s3.amazonaws.com',
  now: Date.UTC(2013, 4, 24),
};

const authorization = (room: typeof suite, request: Partial<UnsignedRequest>): string => {
  const whole = {
    ...{ method: 'GET', path: '/', query: '', fields: [], bodyHash: sha256('') },
    ...{ authority: room.authority, ...request },
  };
  return new Map(awsFields(whole, room.key, room.now)).get('authorization') ?? '';
};

describe('the AWS signature', () => {
  it.each([
    ['get-vanilla', {}, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    [
      'post-vanilla',
      { method: 'POST' },
      '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    ],
    [
      'get-vanilla-query-order-key-case',
      { query: 'Param2=value2&Param1=value1' },
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'get-vanilla-empty-query-key',
      { query: 'Param1=value1' },
      'a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb',
    ],
    [
      'post-x-www-form-urlencoded',
      {
        method: 'POST',
        fields: [['Content-Type', 'application/x-www-form-urlencoded']],
        bodyHash: sha256('Param1=value1'),
      },
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ],
  ] as const)('is that of %s in the test suite', (_name, request, signature) => {
    expect(authorization(suite, request)).toContain(`, Signature=${signature}`);
    expect(authorization(suite, request)).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20150830\/us-east-1\/service\/aws4_request, /,
    );
  });

  it.each([
    [
      'GET Object',
      { path: '/test.txt', fields: [['Range', 'bytes=0-9']] },
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    ],
    [
      'PUT Object',
      {
        method: 'PUT',
        path: '/test$file.text',
        fields: [
          ['Date', 'Fri, 24 May 2013 00:00:00 GMT'],
          ['x-amz-storage-class', 'REDUCED_REDUNDANCY'],
        ],
        bodyHash: sha256('Welcome to Amazon S3.'),
      },
      '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    ],
    [
      'GET Bucket Lifecycle',
      { query: 'lifecycle' },
      'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    ],
    [
      'GET Bucket',
      { query: 'prefix=J&max-keys=2' },
      '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    ],
  ] as const)('is that of %s in the examples of S3', (_name, request, signature) => {
    expect(authorization(objects, request)).toContain(`, Signature=${signature}`);
  });

  it('reads a path and a query alike in each of their spellings, byte for byte', () => {
    const spellings = [
      { path: '/caf%C3%A9/~a', query: 'q=a+b&%C3%A9' },
      { path: '/caf%c3%a9/%7Ea', query: '%C3%A9=&q=a%20b' },
    ];
    const [one, other] = spellings.map((request) => authorization(objects, request));
    expect(one).toBe(other);
    expect(one).not.toBe(authorization(objects, { path: '/caf%E9/~a', query: 'q=a+b&%C3%A9' }));
  });

  it('leaves the body of objects unsigned where its hash is not known, and of nothing else', () => {
    const request = { method: 'PUT', path: '/', query: '', authority: 'example', fields: [] };
    expect(awsFields(request, objects.key, objects.now)).toContainEqual([
      'x-amz-content-sha256',
      'UNSIGNED-PAYLOAD',
    ]);
    expect(() => awsFields(request, suite.key, suite.now)).toThrow('hash of the body');
  });
});
