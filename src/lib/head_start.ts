/** Reading from a source before anybody asks for what it gives. */

/**
 * What a source gives, read from now on. Once somebody asks, nothing is read ahead of them any more: the source
 * may do that better.
 *
 * @typeParam T what it gives
 */
export class HeadStart<T> implements AsyncIterable<T>, AsyncDisposable {
  readonly #source: AsyncIterator<T>;
  readonly #reading: Promise<void>;
  #read: T[] = [];
  #isAskedFor = false;
  #failure: { error: unknown } | undefined;

  /**
   * Begins to read.
   *
   * @param source what to read, which nobody else reads
   * @param weigh what an item costs
   * @param limit what is read ahead may cost so much, and one item more
   */
  constructor(source: AsyncIterable<T>, weigh: (item: T) => number, limit: number) {
    this.#source = source[Symbol.asyncIterator]();
    this.#reading = this.#readAhead(weigh, limit);
  }

  /**
   * The items in the order of the source; may be asked for once.
   *
   * @yields what was read ahead, then what is read when it is asked for
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    this.#isAskedFor = true;
    await this.#reading;
    const read = this.#read.reverse();
    this.#read = [];
    // What was given away is not held on to.
    while (read.length > 0) yield* read.splice(-1);
    if (this.#failure) throw this.#failure.error;
    yield* { [Symbol.asyncIterator]: () => this.#source };
  }

  /** Stops the source. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isAskedFor = true;
    await this.#reading;
    await this.#source.return?.();
  }

  /** A failure is met by who asks, after what was read before it. */
  async #readAhead(weigh: (item: T) => number, limit: number): Promise<void> {
    try {
      for (let weight = 0; weight < limit && !this.#isAskedFor;) {
        const { done, value } = await this.#source.next();
        if (done) return;
        this.#read.push(value);
        weight += weigh(value);
      }
    } catch (error) {
      this.#failure = { error };
    }
  }
}
