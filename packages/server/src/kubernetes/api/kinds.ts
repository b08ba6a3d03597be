/** The kinds of `external-secrets.io/v1` that Coffer acts on. */
import { type CustomKind, type Parsed, parse, type PrintColumn } from './custom-kind.ts';
import type { KubeObject } from '../../contracts/kube.ts';
import {
  type ExternalSecretSpec,
  type ExternalSecretStatus,
  externalSecretSpec,
  externalSecretStatus,
} from './external-secret.ts';
import { resources } from './resources.ts';
import { type StoreSpec, type StoreStatus, storeSpec, storeStatus } from './store.ts';

const ready = (field: string): string => `.status.conditions[?(@.type=="Ready")].${field}`;

const storeColumns: readonly PrintColumn[] = [
  { name: 'Age', jsonPath: '.metadata.creationTimestamp', type: 'date' },
  { name: 'Status', jsonPath: ready('reason'), type: 'string' },
  { name: 'Capabilities', jsonPath: '.status.capabilities', type: 'string' },
  { name: 'Ready', jsonPath: ready('status'), type: 'string' },
];

/** A store of one namespace. */
export const secretStore: CustomKind<StoreSpec, StoreStatus> = {
  resource: resources.secretStore,
  singular: 'secretstore',
  shortName: 'ss',
  summary: 'A store that ExternalSecrets of the same namespace read from',
  spec: storeSpec,
  status: storeStatus,
  columns: storeColumns,
  selectable: [],
};

/** A store of the whole cluster. */
export const clusterSecretStore: CustomKind<StoreSpec, StoreStatus> = {
  ...secretStore,
  resource: resources.clusterSecretStore,
  singular: 'clustersecretstore',
  shortName: 'css',
  summary: 'A store that ExternalSecrets of all namespaces, or of those it names, read from',
};

/** A Secret that is made of what lies in stores. */
export const externalSecret: CustomKind<ExternalSecretSpec, ExternalSecretStatus> = {
  resource: resources.externalSecret,
  singular: 'externalsecret',
  shortName: 'es',
  summary: 'A Secret made of what lies in a store, and kept in step with it',
  spec: externalSecretSpec,
  status: externalSecretStatus,
  columns: [
    { name: 'StoreType', jsonPath: '.spec.secretStoreRef.kind', type: 'string' },
    { name: 'Store', jsonPath: '.spec.secretStoreRef.name', type: 'string' },
    { name: 'Refresh Interval', jsonPath: '.spec.refreshInterval', type: 'string' },
    { name: 'Status', jsonPath: ready('reason'), type: 'string' },
    { name: 'Ready', jsonPath: ready('status'), type: 'string' },
    { name: 'Last Sync', jsonPath: '.status.refreshTime', type: 'date' },
  ],
  selectable: ['.spec.secretStoreRef.name', '.spec.secretStoreRef.kind', '.spec.target.name', '.spec.refreshInterval'],
};

/** All of them, in the order of the reference. */
export const customKinds: readonly CustomKind<unknown, unknown>[] = [secretStore, clusterSecretStore, externalSecret];

/** As read. */
export type SecretStore = Parsed<StoreSpec, StoreStatus>;
/** As read. */
export type ExternalSecret = Parsed<ExternalSecretSpec, ExternalSecretStatus>;

/** Throws as `parse`. */
export const parseSecretStore = (object: KubeObject): SecretStore => parse(secretStore, object);
/** Throws as `parse`. */
export const parseClusterSecretStore = (object: KubeObject): SecretStore => parse(clusterSecretStore, object);
/** Throws as `parse`. */
export const parseExternalSecret = (object: KubeObject): ExternalSecret => parse(externalSecret, object);
