/**
 * Scripts that make shells complete command lines.
 *
 * They hold no knowledge of commands: they ask the program, which prints a candidate a line, what it is for
 * behind a tab, and a last line `:files` where names of files will do as well.
 */

const BASH = `# Completion of plakar for bash.
_plakar() {
  local line candidates=() files=
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  # Bash takes : and = for ends of words, and completes what is behind the last of them.
  local current=\${COMP_WORDS[COMP_CWORD]}
  if declare -F _get_comp_words_by_ref >/dev/null; then
    local all cword
    _get_comp_words_by_ref -n := -w all -i cword -c current
    words=("\${all[@]:1:cword}")
  fi
  while IFS= read -r line; do
    if [[ $line == :files ]]; then files=1; else candidates+=("\${line%%$'\\t'*}"); fi
  done < <(plakar complete -- "\${words[@]}" 2>/dev/null)
  COMPREPLY=("\${candidates[@]}")
  if [[ $files ]]; then
    compopt -o filenames 2>/dev/null
    local IFS=$'\\n'
    COMPREPLY+=($(compgen -f -- "$current"))
  fi
  if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$current"; fi
}
complete -F _plakar plakar
`;

const ZSH = `#compdef plakar
# Completion of plakar for zsh.
_plakar() {
  local line files=
  local -a candidates
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      files=1
    else
      candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done < <(plakar complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe 'plakar' candidates
  [[ -n $files ]] && _files
}
if [ "\${funcstack[1]}" = _plakar ]; then _plakar "$@"; else compdef _plakar plakar; fi
`;

const FISH = `# Completion of plakar for fish.
function __plakar_complete
  set -l words (commandline -opc) (commandline -ct)
  for line in (plakar complete -- $words[2..-1] 2>/dev/null)
    if test "$line" = ":files"
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c plakar -f -a '(__plakar_complete)'
`;

/**
 * The script for a shell.
 *
 * @param shell its name
 * @returns the script, or `undefined` if there is none for it
 */
export function completionScript(shell: string): string | undefined {
  return shell === "bash" ? BASH : shell === "zsh" ? ZSH : shell === "fish" ? FISH : undefined;
}
