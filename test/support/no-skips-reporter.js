// Jest reporter: prints one plain closing line and, under CI, turns skipped tests into a failure.

export default class NoSkipsReporter {
  #skipped = 0;

  onRunComplete(_contexts, results) {
    this.#skipped = results.numPendingTests + results.numTodoTests;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    process.stdout.write(
      `${results.numPassedTests} passed, ${failed} failed, ${this.#skipped} skipped\n`,
    );
  }

  getLastError() {
    if (process.env.CI && this.#skipped > 0) {
      return new Error(`${this.#skipped} skipped test(s): install what they need, or delete them`);
    }
    return undefined;
  }
}
