/** What a policy can grant. A set of capabilities is a bit mask; `deny` stands alone and beats every other. */
export type Capability = 'create' | 'read' | 'update' | 'patch' | 'delete' | 'list' | 'scan' | 'sudo' | 'subscribe';
/** Names a policy text may use: capabilities no operation asks for yet are kept, so that such policies can be stored. */
export type CapabilityName = Capability | 'deny' | 'recover';

export const capabilityBits: { readonly [C in CapabilityName]: number } = {
  deny: 1,
  create: 2,
  read: 4,
  update: 8,
  patch: 16,
  delete: 32,
  list: 64,
  scan: 128,
  sudo: 256,
  subscribe: 512,
  recover: 1024,
};

const byName: ReadonlyMap<string, number> = new Map(Object.entries(capabilityBits));

/** The bit of a name as written in a policy: lower case, exactly. */
export const capabilityBit = (name: string): number | undefined => byName.get(name);

/** A mask with `deny` in it is `deny` alone. */
export const settled = (mask: number): number => ((mask & capabilityBits.deny) !== 0 ? capabilityBits.deny : mask);

/** The names in a mask, sorted; an empty mask grants nothing and reads as `deny`. */
export const capabilityNames = (mask: number): string[] => {
  if (settled(mask) === capabilityBits.deny || mask === 0) return ['deny'];
  return [...byName].flatMap(([name, bit]) => ((mask & bit) === 0 ? [] : [name])).toSorted();
};

const legacy: ReadonlyMap<string, readonly CapabilityName[]> = new Map([
  ['deny', ['deny'] as const],
  ['read', ['read', 'list'] as const],
  ['write', ['create', 'read', 'update', 'delete', 'list'] as const],
  ['sudo', ['create', 'read', 'update', 'delete', 'list', 'sudo'] as const],
]);

/** What the old key `policy = "read"` stands for. */
export const legacyMask = (name: string): number | undefined =>
  legacy.get(name)?.reduce((mask, one) => mask | capabilityBits[one], 0);
