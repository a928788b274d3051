/** Absolute slash paths as bytes: the only form in which paths travel through the program. */

import type { ByteString } from "./byte_string.ts";

/**
 * Joins a directory and a name.
 *
 * @param directory an absolute, clean path
 * @param name one component
 * @returns the path of the name in the directory
 */
export function join(directory: ByteString, name: ByteString): ByteString {
  return (directory === "/" ? "/" + name : directory + "/" + name) as ByteString;
}

/**
 * The directory that holds a path; `/` for `/`.
 *
 * @param path an absolute, clean path
 * @returns its parent
 */
export function dirname(path: ByteString): ByteString {
  const slash = path.lastIndexOf("/");
  return (slash <= 0 ? "/" : path.slice(0, slash)) as ByteString;
}

/**
 * The last component of a path; `/` for `/`.
 *
 * @param path an absolute, clean path
 * @returns its base name
 */
export function basename(path: ByteString): ByteString {
  if (path === "/") return path;
  return path.slice(path.lastIndexOf("/") + 1) as ByteString;
}

/**
 * A path made absolute and clean: no `.`, no `..`, no doubled or trailing slash.
 *
 * @param path any slash path
 * @param base what a relative path is relative to
 * @returns the clean path
 */
export function clean(path: ByteString, base: ByteString = "/" as ByteString): ByteString {
  const parts: string[] = [];
  const absolute = path.startsWith("/") ? path : base + "/" + path;
  for (const part of absolute.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return ("/" + parts.join("/")) as ByteString;
}

/**
 * Whether a path is a directory or lies below it.
 *
 * @param path an absolute, clean path
 * @param directory an absolute, clean path
 * @returns true if it does
 */
export function isWithin(path: ByteString, directory: ByteString): boolean {
  return directory === "/" || path === directory || path.startsWith(directory + "/");
}

/**
 * A path below one directory as it is below another.
 *
 * @param path an absolute, clean path
 * @param from the directory that it is, or is in
 * @param to the directory that takes its place
 * @returns the path below `to`
 */
export function rebase(path: ByteString, from: ByteString, to: ByteString): ByteString {
  if (path === from) return to;
  const rest = path.slice(from === "/" ? 1 : from.length + 1);
  return join(to, rest as ByteString);
}

/**
 * Whether a name can be one component of a path: not empty, `.`, `..`, and without `/` and NUL.
 *
 * @param name what a server or a repository gave as a name
 * @returns true if it is safe to join
 */
export function isValidName(name: ByteString): boolean {
  return name !== "" && name !== "." && name !== ".." && !name.includes("/") && !name.includes("\0");
}

const UNCLEAN = /\/\.{0,2}(?:\/|$)|\0/;

/**
 * Whether a path is absolute and clean already.
 *
 * @param path any string of bytes
 * @returns true if {@linkcode clean} would not change it and it has no NUL
 */
export function isClean(path: ByteString): boolean {
  return path === "/" || (path.startsWith("/") && !UNCLEAN.test(path));
}
