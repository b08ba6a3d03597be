/** Which files of a directory are configuration, and in which order: by name, not below, no editor's leftovers. */
const ending = /\.(?:hcl|json)$/;
const leftover = /^\.#|~$|^#.*#$/;

export const configurationFiles = (names: readonly string[]): string[] =>
  names.filter(name => ending.test(name) && !leftover.test(name)).toSorted((a, b) => (a < b ? -1 : Number(a > b)));
