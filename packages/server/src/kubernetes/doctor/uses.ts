/** How a pod uses a Secret, from its spec. Pure. https://kubernetes.io/docs/concepts/configuration/secret/ */
import { type Loose, loose, looseList, text } from './loose.ts';

export type Way = 'env' | 'envFrom' | 'volume' | 'subPath' | 'imagePullSecrets';

export interface Use {
  readonly way: Way;
  /** Empty: the pod as a whole. */
  readonly container: string;
  /** Keys it names; none: all there are. */
  readonly keys: readonly string[];
  /** It starts without them. */
  readonly optional: boolean;
}

/** Fixed when a container starts; the others follow by themselves. */
export const isFixed = ({ way }: Use): boolean => way === 'env' || way === 'envFrom' || way === 'subPath';

const containersOf = (spec: Loose): readonly Loose[] =>
  ['initContainers', 'containers', 'ephemeralContainers'].flatMap(member => looseList(spec[member]));

const envUses = (container: Loose, secret: string): readonly Use[] => {
  const name = text(container['name']);
  const single = looseList(container['env']).flatMap(({ valueFrom }): Use[] => {
    const ref = loose(loose(valueFrom)['secretKeyRef']);
    if (ref['name'] !== secret) return [];
    return [{ way: 'env', container: name, keys: [text(ref['key'])], optional: ref['optional'] === true }];
  });
  const whole = looseList(container['envFrom']).flatMap(({ secretRef }): Use[] => {
    const ref = loose(secretRef);
    if (ref['name'] !== secret) return [];
    return [{ way: 'envFrom', container: name, keys: [], optional: ref['optional'] === true }];
  });
  return [...single, ...whole];
};

interface Volume {
  readonly name: string;
  /** Path in the volume → key; none: each key under its own name. */
  readonly items: ReadonlyMap<string, string>;
  readonly optional: boolean;
}

const volumeOf = (name: string, source: Loose): Volume => ({
  name,
  items: new Map(looseList(source['items']).map(({ path, key }) => [text(path), text(key)])),
  optional: source['optional'] === true,
});

const volumesOf = (spec: Loose, secret: string): readonly Volume[] =>
  looseList(spec['volumes']).flatMap(volume => {
    const name = text(volume['name']);
    const own = loose(volume['secret']);
    const projected = looseList(loose(volume['projected'])['sources']).map(source => loose(source['secret']));
    return [
      ...(own['secretName'] === secret ? [volumeOf(name, own)] : []),
      ...projected.filter(source => source['name'] === secret).map(source => volumeOf(name, source)),
    ];
  });

const subPathKeys = ({ items }: Volume, subPath: string): readonly string[] => {
  const key = items.get(subPath);
  if (key !== undefined) return [key];
  // A folder of the volume, or nothing of this Secret.
  return items.size > 0 || subPath.includes('/') ? [] : [subPath];
};

const mountUses = (container: Loose, volume: Volume): readonly Use[] =>
  looseList(container['volumeMounts'])
    .filter(({ name }) => name === volume.name)
    .map(mount => {
      const subPath = text(mount['subPath']) || text(mount['subPathExpr']);
      const base = { container: text(container['name']), optional: volume.optional };
      return subPath === ''
        ? { ...base, way: 'volume', keys: [...volume.items.values()] }
        : { ...base, way: 'subPath', keys: subPathKeys(volume, subPath) };
    });

/** A volume that nobody mounts still has to be there for the pod to start. */
const volumeUses = (containers: readonly Loose[], volume: Volume): readonly Use[] => {
  const mounted = containers.flatMap(container => mountUses(container, volume));
  const keys = [...volume.items.values()];
  return mounted.length > 0 ? mounted : [{ way: 'volume', container: '', keys, optional: volume.optional }];
};

export const usesOf = (podSpec: unknown, secret: string): readonly Use[] => {
  const spec = loose(podSpec);
  const containers = containersOf(spec);
  const pulls = looseList(spec['imagePullSecrets']).filter(({ name }) => name === secret);
  return [
    ...containers.flatMap(container => envUses(container, secret)),
    ...volumesOf(spec, secret).flatMap(volume => volumeUses(containers, volume)),
    ...pulls.map((): Use => ({ way: 'imagePullSecrets', container: '', keys: [], optional: true })),
  ];
};
