/** Members of objects of the cluster whose kinds are not declared here: what is missing or of another type is empty. */
export type Loose = { readonly [name: string]: unknown };

export const loose = (value: unknown): Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Loose) : {};

export const looseList = (value: unknown): readonly Loose[] => (Array.isArray(value) ? value.map(loose) : []);

export const text = (value: unknown): string => (typeof value === 'string' ? value : '');
