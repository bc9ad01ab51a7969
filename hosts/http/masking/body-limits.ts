// Bounds of a masker's memory and of what it reads, unit last.

export interface MaskLimits {
  /** Objects and arrays in each other; deeper JSON is refused. */
  readonly depthMax: number;
  /** A value or a name of JSON that must be held as a whole; longer masked values are masked as `fixed`. */
  readonly valueBytesMax: number;
  /** One event of text/event-stream or one record of CSV, which are held as a whole; larger ones are refused. */
  readonly recordBytesMax: number;
}

export const defaultMaskLimits: MaskLimits = {
  depthMax: 256,
  valueBytesMax: 64 * 1024,
  recordBytesMax: 1024 * 1024,
};
