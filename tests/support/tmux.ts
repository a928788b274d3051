/** A real terminal that a test types into and looks at: tmux with a server of its own. */

import { findProgram } from "./peers.ts";

/** A terminal with a shell in it. Disposing of it ends both. */
export interface TmuxTerminal extends AsyncDisposable {
  /** Types text, without Enter. */
  write(text: string): Promise<void>;
  /** Types text, then Enter. */
  type(text: string): Promise<void>;
  /** Presses a key by tmux's name for it, such as `C-c`. */
  press(key: string): Promise<void>;
  /** What is on the screen. */
  screen(): Promise<string>;
  /** Waits until a text is on the screen, and returns the screen. */
  screenWith(text: string): Promise<string>;
}

/**
 * Starts a shell in a terminal of 100 columns and 30 lines.
 *
 * @param environment the whole environment of the shell
 * @returns the terminal
 */
export async function openTmux(environment: Record<string, string>): Promise<TmuxTerminal> {
  const tmux = findProgram("tmux") ?? "tmux";
  const directory = await Deno.makeTempDir({ prefix: "tmux-" });
  const run = async (...args: string[]) => {
    const command = new Deno.Command(tmux, {
      args: ["-S", `${directory}/socket`, "-f", "/dev/null", ...args],
      clearEnv: true,
      env: { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8", ...environment },
      stdin: "null",
    });
    const { success, stdout, stderr } = await command.output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  };
  const screen = () => run("capture-pane", "-p");
  await run("new-session", "-d", "-x", "100", "-y", "30", "sh");
  return {
    write: async (text) => void await run("send-keys", "-l", text),
    async type(text) {
      await run("send-keys", "-l", text);
      await run("send-keys", "Enter");
    },
    press: async (key) => void await run("send-keys", key),
    screen,
    async screenWith(text) {
      for (let i = 0; i < 1200; i++) {
        const seen = await screen();
        if (seen.includes(text)) return seen;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      throw new Error(`"${text}" did not appear:\n${await screen()}`);
    },
    async [Symbol.asyncDispose]() {
      await run("kill-server").catch(() => {});
      await Deno.remove(directory, { recursive: true });
    },
  };
}
