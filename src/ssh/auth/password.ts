/** Passwords: from a command, or from the person. */

import { PlakarError } from "../../lib/errors.ts";
import type { SshIo } from "../prompter.ts";
import type { SshTarget } from "../target.ts";
import type { Ssh2Prompt } from "../transport/ssh2.ts";
import { shownLine } from "../transport/shown.ts";
import type { Attempt } from "./attempt.ts";

/**
 * Attempts with the method `password`.
 *
 * @param target whom to log in to
 * @param io how to ask
 * @param note told why it ended
 * @returns as many attempts as `NumberOfPasswordPrompts` says
 */
export async function* passwordAttempts(
  target: SshTarget,
  io: SshIo,
  note: (problem: string) => void,
): AsyncGenerator<Attempt> {
  const { user, displayName, settings, passwordCommand } = target;
  const tries = passwordCommand === undefined ? settings.numberOfPasswordPrompts : 1;
  for (let i = 0; i < tries; i++) {
    const password = passwordCommand === undefined
      ? await io.prompter.secret(
        `${i > 0 ? "Permission denied. " : ""}Password of "${user}" at "${displayName}": `,
      )
      : await runPasswordCommand(target, passwordCommand);
    if (password === undefined) return note("there is no terminal to ask for a password");
    yield { method: "password", password, planned: () => ({ method: "password", password }) };
  }
  note(
    passwordCommand === undefined
      ? "the password was not accepted"
      : "the password of password_cmd was refused",
  );
}

/**
 * Attempts with the method `keyboard-interactive`.
 *
 * @param target whom to log in to
 * @param io how to ask
 * @param note told why it ended
 * @returns as many attempts as `NumberOfPasswordPrompts` says
 */
export async function* interactiveAttempts(
  target: SshTarget,
  io: SshIo,
  note: (problem: string) => void,
): AsyncGenerator<Attempt> {
  const { settings, passwordCommand } = target;
  const tries = passwordCommand === undefined ? settings.numberOfPasswordPrompts : 1;
  for (let i = 0; i < tries; i++) {
    const given: string[] = [];
    let gaveUp: string | undefined;
    const answer = async (name: string, instructions: string, prompts: Ssh2Prompt[]) => {
      const answers: string[] = [];
      for (const prompt of prompts) {
        const one = await answerOne(target, io, [name, instructions], prompt, prompts.length);
        if (one === undefined) {
          gaveUp = `there is no terminal to answer the server's question "${shownLine(prompt.prompt)}"`;
          return undefined;
        }
        answers.push(one);
      }
      given.push(...answers);
      return answers;
    };
    yield {
      method: "keyboard-interactive",
      answer,
      planned: () => ({ method: "keyboard-interactive", answers: given }),
    };
    if (gaveUp !== undefined) return note(gaveUp);
  }
  note("the answers to the server's questions were not accepted");
}

async function answerOne(
  target: SshTarget,
  io: SshIo,
  introduction: string[],
  prompt: Ssh2Prompt,
  count: number,
): Promise<string | undefined> {
  const { user, displayName, passwordCommand } = target;
  if (passwordCommand !== undefined && count === 1 && !prompt.echo) {
    return await runPasswordCommand(target, passwordCommand);
  }
  const said = [...introduction, prompt.prompt].map((text) => shownLine(text)).filter((text) => text !== "");
  return await io.prompter.secret(`"${displayName}" asks "${user}": ${said.join(" ")} `);
}

async function runPasswordCommand(target: SshTarget, command: string): Promise<string> {
  const result = await target.environment.shell(command);
  if (!result) {
    throw new PlakarError("unsupported", "Cannot run password_cmd: this program may run no command but ssh", {
      hint: "Use a key, or run plakar with deno and --allow-run",
    });
  }
  if (result.code !== 0) {
    throw new PlakarError(
      "authentication",
      `Cannot get the password: password_cmd ended with status ${result.code}`,
    );
  }
  return result.output.replace(/\r?\n[^]*$/, "");
}
