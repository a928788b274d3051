/** Room for bytes whose number is only known when they are about to be written. */

/**
 * Gives room.
 *
 * @param length how many bytes there will be
 * @returns as many bytes, with anything in them
 */
export type Room = (length: number) => Uint8Array;

/**
 * Room of its own each time.
 *
 * @param length how many bytes there will be
 * @returns a new array
 */
export const newRoom: Room = (length: number): Uint8Array => new Uint8Array(length);
