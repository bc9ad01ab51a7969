// A packet as OpenSSH makes them of bulk data, with AES-128-GCM (RFC 5647 §7.3): length, what is encrypted, tag.

export const packet = {
  algorithm: 'aes-128-gcm',
  key: Buffer.alloc(16, 1),
  /** Of a counter nothing would be learnt here. */
  iv: Buffer.alloc(12, 2),
  lengthBytes: 4,
  /** 32 KiB of data with its head and padding. */
  encryptedBytes: 32 * 1024 + 16,
  tagBytes: 16,
} as const;
