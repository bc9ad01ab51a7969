// What was found so far while one line is read.

import type { Doubt } from './doubts.ts';
import { confidenceOf } from './doubts.ts';
import type { CommandFacts, SimpleCommand } from './facts.ts';
import { joinedPath } from './paths.ts';
import type { Value } from './value.ts';
import { pathOf } from './value.ts';

const commandsMax = 512;
/** Of all texts that are parsed, a nested one counting again in each that it is part of. */
const parsedCharactersMax = 32_768;
/** Per list: beyond it, nothing more is told apart. */
const pathsMax = 1024;

/** Not files: what a line writes there is output, or goes nowhere. */
const noFiles = /^\/dev\/(?:null|zero|full|u?random|tty|std(?:in|out|err)|fd\/[\d*]+)$/;
/** bash opens a connection for these. */
const network = /^\/dev\/(?:tcp|udp)\/([^/]*)\/[^/]*$/;

interface Whereabouts {
  readonly directories: readonly string[] | null;
}

type PathList = 'reads' | 'writes' | 'deletes';

/** Where a variable gets a value. */
interface Assignments {
  readonly sites: Set<string>;
  numeric: boolean;
}

export class Findings {
  readonly #commands: SimpleCommand[] = [];
  readonly #programs = new Set<string>();
  readonly #paths = {
    reads: new Set<string>(),
    writes: new Set<string>(),
    deletes: new Set<string>(),
  };
  readonly #hosts = new Set<string>();
  readonly #doubts = new Set<Doubt>();
  readonly #functions = new Set<string>();
  readonly #assigned = new Map<string, Assignments>();
  readonly #believed = new Set<string>();
  readonly #calculated = new Set<string>();
  readonly #scripts = new Set<string>();
  #directoryChanges = 0;
  #parsedCharacters = 0;

  doubt(doubt: Doubt): void {
    this.#doubts.add(doubt);
  }

  /** False when there is no room for more, and the reader has to stop. */
  command(command: SimpleCommand): boolean {
    if (this.isFull) return false;
    this.#commands.push(command);
    this.program(command.name);
    if (command.path.includes('/')) this.#scripts.add(command.path);
    return true;
  }

  get isFull(): boolean {
    if (this.#commands.length < commandsMax) return false;
    this.doubt('size');
    return true;
  }

  /** False when so much was parsed already that this has to be left. */
  affords(characters: number): boolean {
    this.#parsedCharacters += characters;
    if (this.#parsedCharacters <= parsedCharactersMax) return true;
    this.doubt('size');
    return false;
  }

  program(name: string): void {
    if (name !== '') this.#programs.add(name);
  }

  path(list: PathList, value: Value, place: Whereabouts): void {
    const path = pathOf(value);
    if (path === undefined) return this.doubt('path');
    if (path === '' || noFiles.test(path)) return;
    const host = network.exec(path)?.[1];
    if (host !== undefined) this.#hosts.add(host);
    if (/^[/~]/.test(path)) return this.#addPath(list, path);
    if (place.directories === null) {
      this.doubt('directory');
      return this.#addPath(list, path);
    }
    for (const directory of place.directories) this.#addPath(list, joinedPath(directory, path));
  }

  #addPath(list: PathList, path: string): void {
    if (this.#paths[list].size >= pathsMax) return this.doubt('size');
    this.#paths[list].add(path);
  }

  /** A file that an interpreter takes its program from. */
  script(path: string): void {
    this.#scripts.add(path);
  }

  host(value: Value): void {
    if (value.kind !== 'literal') return this.doubt('host');
    if (value.text !== '') this.#hosts.add(value.text);
  }

  define(name: string): void {
    this.#functions.add(name);
  }

  changeDirectory(): void {
    this.#directoryChanges += 1;
  }

  /**
   * @param site Tells two places in the text apart: a body that is read once for each value of a loop is one place.
   * @param numeric The value can be nothing but a number.
   */
  assign(name: string, site: string, numeric: boolean): void {
    const known = this.#assigned.get(name) ?? { sites: new Set(), numeric: true };
    known.sites.add(site);
    known.numeric &&= numeric;
    this.#assigned.set(name, known);
  }

  /** Somewhere the variable was taken for what its only assignment gave it, or for a number. */
  believe(name: string, as: 'value' | 'number'): void {
    (as === 'value' ? this.#believed : this.#calculated).add(name);
  }

  /** Arithmetic evaluates the variable's value, as code when it is no number. */
  calculate(name: string): void {
    this.#calculated.add(name);
  }

  facts(): CommandFacts {
    this.#conclude();
    return {
      confidence: confidenceOf(this.#doubts),
      commands: this.#commands,
      programs: [...this.#programs],
      reads: [...this.#paths.reads],
      writes: [...this.#paths.writes],
      deletes: [...this.#paths.deletes],
      hosts: [...this.#hosts],
      doubts: [...this.#doubts],
    };
  }

  /** What only the whole line can tell. */
  #conclude(): void {
    for (const name of this.#believed) {
      if ((this.#assigned.get(name)?.sites.size ?? 0) > 1) this.doubt('argument');
    }
    for (const name of this.#calculated) {
      if (this.#assigned.get(name)?.numeric !== true) this.doubt('reevaluated');
    }
    if (this.#functions.size > 0 && this.#directoryChanges > 0) this.doubt('directory');
    if (this.#runsWhatItWrites()) this.doubt('written-program');
  }

  #runsWhatItWrites(): boolean {
    const { writes } = this.#paths;
    if (writes.size === 0) return false;
    const written = [...writes].map(lastSegment);
    if (written.some((name) => this.#programs.has(name))) return true;
    const run = [...this.#scripts].map(lastSegment);
    return run.some((name) =>
      written.some((other) => name === other || /[*?[]/.test(name + other)),
    );
  }
}

const lastSegment = (path: string): string => path.replace(/\/+$/, '').split('/').at(-1) ?? '';
