/** `plakar config`: the whole configuration. */

import { ENTRY_KINDS } from "../../config/configuration.ts";
import { maskSecrets } from "../../config/secrets.ts";
import { toYaml } from "../../config/yaml_text.ts";
import { configurationOf } from "../configuration_of.ts";
import { OK } from "../exit_status.ts";
import type { CONFIG_OPTIONS } from "../grammar/table/config.ts";
import type { Invocation } from "../invocation.ts";

/**
 * Prints the configuration, secrets masked.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export async function run(invocation: Invocation<typeof CONFIG_OPTIONS>): Promise<number> {
  const { output, options } = invocation;
  const configuration = await configurationOf(invocation);
  const sections = Object.fromEntries(ENTRY_KINDS.map((kind) => {
    const entries = configuration.entries(kind).map(([name, entry]) =>
      [name, options.secrets ? entry : maskSecrets(entry)] as const
    );
    return [`${kind}s`, Object.fromEntries(entries)];
  }));
  const { defaultStore } = configuration;
  const data = defaultStore === undefined ? sections : { default: defaultStore, ...sections };
  output.product({ type: "configuration", data, text: toYaml(data).trimEnd() });
  return OK;
}
