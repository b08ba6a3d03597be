/** The examples of a README as modules of their own, `prefix-1.ts` → text, in their order. */
const fence = /^```ts\n([\s\S]*?)^```$/gm;

export const examplesOf = (readme: string, prefix: string): ReadonlyMap<string, string> =>
  new Map(
    [...readme.matchAll(fence)].map((match, at) => [`${prefix}-${at + 1}.ts`, `${match[1] ?? ''}\nexport {};\n`]),
  );
