/**
 * Scripts that make shells complete command lines.
 *
 * They hold no knowledge of commands: they ask the program, which prints a candidate a line, what it is for
 * behind a tab, and a last line `:files` where names of files will do as well. The order of candidates is kept: the
 * newest snapshot comes first.
 */

const BASH = `# Completion of plakar for bash.
_plakar() {
  local i word trimmed line words=() candidates=() files=
  # Bash takes : and = for ends of words; what stands together in the line is one.
  local rest=\${COMP_LINE:0:COMP_POINT}
  for ((i = 0; i <= COMP_CWORD; i++)); do
    trimmed=\${rest#"\${rest%%[![:space:]]*}"}
    word=\${trimmed:0:\${#COMP_WORDS[i]}}
    if ((i > 0 && \${#trimmed} == \${#rest})); then words[\${#words[@]} - 1]+=$word; else words+=("$word"); fi
    rest=\${trimmed:\${#word}}
  done
  words=("\${words[@]:1}")
  words=("\${words[@]//\\\\/}")
  while IFS= read -r line; do
    if [[ $line == :files ]]; then files=1; else candidates+=("\${line%%$'\\t'*}"); fi
  done < <(plakar complete -- "\${words[@]}" 2>/dev/null)
  COMPREPLY=()
  compopt -o nosort 2>/dev/null
  word=\${words[\${#words[@]} - 1]}
  local replaced=
  [[ $word == *=* ]] && replaced=\${word%%=*}=
  if [[ $files ]]; then
    compopt -o filenames 2>/dev/null
    local IFS=$'\\n'
    COMPREPLY=($(compgen -f -- "\${word#"$replaced"}"))
  elif [[ \${candidates[*]} == */ ]]; then
    compopt -o nospace 2>/dev/null
  fi
  # What is offered takes the place of what stands behind the last : or =.
  [[ $word == *:* ]] && replaced=\${word%"\${word##*:}"}
  for line in "\${candidates[@]}"; do
    line=\${line#"$replaced"}
    [[ $files ]] || printf -v line %q "$line"
    COMPREPLY+=("$line")
  done
}
complete -F _plakar plakar
`;

const ZSH = `#compdef plakar
# Completion of plakar for zsh.
_plakar() {
  local line word about replaced= files= result=1
  local -a plain open
  local -a typed=("\${(@Q)words[2,CURRENT]}")
  [[ $PREFIX == -*=* ]] && compset -P 1 '*=' && replaced=$IPREFIX
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      files=1
      continue
    fi
    word=\${line%%$'\\t'*}
    about=\${\${line#"$word"}#$'\\t'}
    word=\${\${word#"$replaced"}//:/\\\\:}
    if [[ $word == */ ]]; then open+=("$word"); else plain+=("$word\${about:+:$about}"); fi
  done < <(plakar complete -- "\${(@)typed}" 2>/dev/null)
  (( \${#plain} )) && _describe -V plakar plain && result=0
  (( \${#open} )) && _describe -V plakar open -S '' && result=0
  [[ -n $files ]] && _files && result=0
  return result
}
if [ "\${funcstack[1]}" = _plakar ]; then _plakar "$@"; else compdef _plakar plakar; fi
`;

const FISH = `# Completion of plakar for fish.
function __plakar_complete
  set -l current (commandline -ct | string unescape)
  set -l words (commandline -opc) "$current"
  for line in (plakar complete -- $words[2..-1] 2>/dev/null)
    if test "$line" = ":files"
      set -l option (string match -r -- '^-[^=]*=' "$current")
      for path in (__fish_complete_path (string replace -r -- '^-[^=]*=' '' "$current"))
        echo "$option$path"
      end
    else
      echo $line
    end
  end
end
complete -c plakar -f -k -a '(__plakar_complete)'
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
