/** Mode bits as Kloset stores them, which are those of Go's `FileMode`, and their translation from POSIX. */

/** Directory. */
export const MODE_DIRECTORY = 0x8000_0000;
/** File that is only appended to. */
export const MODE_APPEND = 0x4000_0000;
/** File for exclusive use. */
export const MODE_EXCLUSIVE = 0x2000_0000;
/** Temporary file. */
export const MODE_TEMPORARY = 0x1000_0000;
/** Symbolic link. */
export const MODE_SYMLINK = 0x0800_0000;
/** Device; a block device unless {@linkcode MODE_CHARACTER} is set too. */
export const MODE_DEVICE = 0x0400_0000;
/** Named pipe. */
export const MODE_PIPE = 0x0200_0000;
/** Socket. */
export const MODE_SOCKET = 0x0100_0000;
/** Runs as its owner. */
export const MODE_SETUID = 0x0080_0000;
/** Runs as its group. */
export const MODE_SETGID = 0x0040_0000;
/** Character device, always together with {@linkcode MODE_DEVICE}. */
export const MODE_CHARACTER = 0x0020_0000;
/** Only owners may remove what is in the directory. */
export const MODE_STICKY = 0x0010_0000;
/** Something else that is not a regular file. */
export const MODE_IRREGULAR = 0x0008_0000;
/** The nine permission bits. */
export const MODE_PERMISSIONS = 0o777;

/** Every bit that says that something is not a regular file. */
const TYPE_BITS = (MODE_DIRECTORY | MODE_SYMLINK | MODE_DEVICE | MODE_PIPE | MODE_SOCKET | MODE_CHARACTER |
  MODE_IRREGULAR) >>> 0;

const POSIX_TYPE = 0o170000;
const POSIX_REGULAR = 0o100000;
const POSIX_SETUID = 0o4000;
const POSIX_SETGID = 0o2000;
const POSIX_STICKY = 0o1000;

/** The file types of POSIX beside the regular file, and what they are in Go. */
const TYPES: readonly (readonly [posix: number, go: number])[] = [
  [0o040000, MODE_DIRECTORY],
  [0o120000, MODE_SYMLINK],
  [0o060000, MODE_DEVICE],
  [0o020000, MODE_DEVICE | MODE_CHARACTER],
  [0o010000, MODE_PIPE],
  [0o140000, MODE_SOCKET],
];

/**
 * Translates the mode that `stat` or an SFTP server gives.
 *
 * @param mode POSIX type and permission bits
 * @returns Go's bits, unsigned
 */
export function posixToGo(mode: number): number {
  const type = mode & POSIX_TYPE;
  let go = mode & MODE_PERMISSIONS;
  for (const [posix, bits] of TYPES) if (type === posix) go |= bits;
  if (mode & POSIX_SETUID) go |= MODE_SETUID;
  if (mode & POSIX_SETGID) go |= MODE_SETGID;
  if (mode & POSIX_STICKY) go |= MODE_STICKY;
  return go >>> 0;
}

/**
 * Translates a stored mode for `chmod` and friends.
 *
 * @param mode Go's bits
 * @returns POSIX type and permission bits
 */
export function goToPosix(mode: number): number {
  let posix = mode & MODE_PERMISSIONS;
  const type = (mode & TYPE_BITS) >>> 0;
  if (type === 0) posix |= POSIX_REGULAR;
  else for (const [bits, go] of TYPES) if (type === go >>> 0) posix |= bits;
  if (mode & MODE_SETUID) posix |= POSIX_SETUID;
  if (mode & MODE_SETGID) posix |= POSIX_SETGID;
  if (mode & MODE_STICKY) posix |= POSIX_STICKY;
  return posix;
}

/**
 * Whether it is a regular file.
 *
 * @param mode Go's bits
 * @returns true if no bit says otherwise
 */
export function isRegular(mode: number): boolean {
  return (mode & TYPE_BITS) === 0;
}

/**
 * Whether it is a directory.
 *
 * @param mode Go's bits
 * @returns true if it is
 */
export function isDirectory(mode: number): boolean {
  return (mode & MODE_DIRECTORY) !== 0;
}

/**
 * Whether it is a symbolic link.
 *
 * @param mode Go's bits
 * @returns true if it is
 */
export function isSymlink(mode: number): boolean {
  return (mode & MODE_SYMLINK) !== 0;
}

/**
 * Whether it is a device.
 *
 * @param mode Go's bits
 * @returns true for block and character devices
 */
export function isDevice(mode: number): boolean {
  return (mode & MODE_DEVICE) !== 0;
}

/**
 * Whether it is a named pipe.
 *
 * @param mode Go's bits
 * @returns true if it is
 */
export function isPipe(mode: number): boolean {
  return (mode & MODE_PIPE) !== 0;
}

/**
 * Whether it is a socket.
 *
 * @param mode Go's bits
 * @returns true if it is
 */
export function isSocket(mode: number): boolean {
  return (mode & MODE_SOCKET) !== 0;
}

/**
 * A mode as plakar prints it: a letter for each of the high bits, then the permissions.
 *
 * @param mode Go's bits
 * @returns for example `drwxr-xr-x`, `Lrwxrwxrwx`, `dtrwxrwxrwx`
 */
export function modeString(mode: number): string {
  let string = "";
  for (let i = 0; i < 13; i++) if ((mode << i) & MODE_DIRECTORY) string += "dalTLDpSugct?"[i];
  if (string === "") string = "-";
  for (let i = 0; i < 9; i++) string += mode & (0o400 >> i) ? "rwxrwxrwx"[i] : "-";
  return string;
}
