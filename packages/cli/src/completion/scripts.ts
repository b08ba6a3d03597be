/**
 * Completion for shells. Each script asks the command itself (`coffer completion words`), so that it never grows old; it
 * reads no file and asks no server.
 */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export const isShell = (text: string): text is Shell => (shells as readonly string[]).includes(text);

const bash = `_coffer() {
  local IFS=$'\\n'
  local line=\${COMP_LINE:0:COMP_POINT}
  local start=\${line##*[[:space:]]}
  local words=()
  IFS=$' \\t\\n' read -r -a words <<< "\${line%"$start"}"
  IFS=$'\\n' COMPREPLY=($(coffer completion words "$start" "\${words[@]:1}" 2>/dev/null))
  if [[ $start == *=* && $COMP_WORDBREAKS == *=* ]]; then
    COMPREPLY=("\${COMPREPLY[@]#"\${start%"\${start##*=}"}"}")
  fi
  [[ \${COMPREPLY[0]-} == *= ]] && compopt -o nospace
}
complete -o default -F _coffer coffer
`;

const zsh = `#compdef coffer
_coffer() {
  local -a found
  found=("\${(@f)$(coffer completion words "\${words[CURRENT]}" "\${(@)words[2,CURRENT-1]}" 2>/dev/null)}")
  if [[ -z "\${found[1]}" ]]; then _files; return; fi
  compadd -S '' -- \${found:#*[^=]}
  compadd -- \${found:#*=}
}
compdef _coffer coffer
`;

/** Files are offered only where the command has nothing to offer. */
const fish = `function __coffer_find
  set -l words (commandline -opc)
  set -g __coffer_found (coffer completion words (commandline -ct) $words[2..-1] 2>/dev/null)
  test (count $__coffer_found) -gt 0
end
complete -c coffer -n __coffer_find -f -a '$__coffer_found'
`;

const scripts: { readonly [S in Shell]: string } = { bash, zsh, fish };

export const scriptOf = (shell: Shell): string => scripts[shell];
