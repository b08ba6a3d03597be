/** Names that are one name in any case, with or without spaces around them: as they are kept. */
export const foldedName = (given: string): string => given.trim().toLowerCase();
