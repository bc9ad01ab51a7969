// The part of the WebAssembly JavaScript API that the engine uses; Node's types leave it to browsers'.

declare namespace WebAssembly {
  interface MemoryDescriptor {
    readonly initial: number;
    readonly maximum?: number;
  }
  class Memory {
    constructor(descriptor: MemoryDescriptor);
    readonly buffer: ArrayBuffer;
    /** Adds 64 KiB pages; returns the old count; throws RangeError beyond the maximum. */
    grow(pages: number): number;
  }
  class Module {
    constructor(bytes: Uint8Array);
    static exports(module: Module): { readonly name: string; readonly kind: string }[];
    static imports(module: Module): { readonly module: string; readonly name: string }[];
  }
  class Global {
    constructor(descriptor: { readonly value: 'i32'; readonly mutable?: boolean }, value: number);
    /** Of an i32: what is assigned is taken modulo 2^32, signed. */
    value: number;
  }
  class Instance {
    constructor(module: Module, imports?: object);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class Table {
    constructor(descriptor: { readonly element: 'anyfunc'; readonly initial: number });
  }
  class RuntimeError extends Error {}
  function validate(bytes: Uint8Array): boolean;
  function compile(bytes: Uint8Array): Promise<Module>;
  function instantiate(module: Module, imports?: object): Promise<Instance>;
}
