// Writes the data types of RFC 4251 §5.

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

export class FieldWriter {
  readonly #fields: Buffer[] = [];

  bytes(value: Buffer): this {
    this.#fields.push(value);
    return this;
  }

  uint8(value: number): this {
    return this.bytes(Buffer.of(value));
  }

  uint32(value: number): this {
    return this.bytes(uint32(value));
  }

  uint64(value: bigint): this {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(value);
    return this.bytes(bytes);
  }

  /** Text is written as UTF-8. */
  string(value: Buffer | string): this {
    const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
    return this.uint32(bytes.length).bytes(bytes);
  }

  /** @param digits big-endian, of a number above zero; zeros in front are dropped */
  positive(digits: Buffer): this {
    const start = digits.findIndex((byte) => byte !== 0);
    const significant = digits.subarray(start);
    const [first = 0] = significant;
    return this.string(first < 0x80 ? significant : Buffer.concat([Buffer.of(0), significant]));
  }

  done(): Buffer {
    return Buffer.concat(this.#fields);
  }
}
