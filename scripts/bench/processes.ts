/**
 * What the kernel says of the processes that work for one contender. They are known by its directory, which is
 * their home and so in their environment, or in the title they gave themselves: some outlive the command that
 * started them, and have no parent that would lead to them.
 */

/** Clock ticks a second in /proc, the same on every Linux. */
const TICKS = 100;

/** Bytes of a page, in which /proc counts memory. */
const PAGE = 4096;

/** What a process uses. */
export interface Usage {
  /** Resident memory in bytes. */
  memory: number;
  /** CPU seconds, of children that have ended too. */
  cpu: number;
}

/**
 * The processes that name a directory in their command line or environment.
 *
 * @param directory a path of this run alone
 * @returns what each uses, by process id
 */
export function processesOf(directory: string): Map<number, Usage> {
  const found = new Map<number, Usage>();
  for (const { name } of Deno.readDirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === Deno.pid) continue;
    const isOurs = ["cmdline", "environ"].some((file) => read(pid, file).includes(directory));
    const usage = isOurs ? usageOf(pid) : undefined;
    if (usage) found.set(pid, usage);
  }
  return found;
}

/**
 * Ends the processes of a directory, and waits until they are gone.
 *
 * @param directory a path of this run alone
 */
export async function endProcessesOf(directory: string): Promise<void> {
  for (const pid of processesOf(directory).keys()) {
    try {
      Deno.kill(pid, "SIGTERM");
    } catch {
      // It has ended already.
    }
  }
  while (processesOf(directory).size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
}

function usageOf(pid: number): Usage | undefined {
  const stat = read(pid, "stat");
  // The second field, a name in parentheses, may hold anything; the third is the state.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (stat === "" || fields[0] === "Z") return undefined;
  const ticks = fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0);
  return { memory: Number(fields[21]) * PAGE, cpu: ticks / TICKS };
}

/** A file of /proc; empty if the process has ended or is not ours to look at. */
function read(pid: number, file: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/${file}`);
  } catch {
    return "";
  }
}
