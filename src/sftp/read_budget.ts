/** Bounds the bytes that many files being read at once hold together. */
export class ReadBudget {
  #free: number;

  /**
   * Makes a budget.
   *
   * @param bytes how much may be held
   */
  constructor(bytes: number) {
    this.#free = bytes;
  }

  /**
   * Takes from the budget, if there is enough or `always`.
   *
   * @param bytes how much
   * @param always take it even so: a file's first piece must not wait for other files
   * @returns whether it was taken
   */
  take(bytes: number, always: boolean): boolean {
    if (this.#free < bytes && !always) return false;
    this.#free -= bytes;
    return true;
  }

  /**
   * Gives back to the budget.
   *
   * @param bytes how much
   */
  release(bytes: number): void {
    this.#free += bytes;
  }
}
