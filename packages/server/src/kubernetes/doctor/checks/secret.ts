/** Whether the Kubernetes Secret is there, is this ExternalSecret's, and holds what the store has now. Pure. */
import type { Wanted } from '../../operator/external-secret/wanted.ts';
import { priorStatus } from '../../operator/external-secret/status.ts';
import type { DesiredSeen, Evidence, SecretEvidence, SecretSeen } from '../evidence.ts';
import { type Finding, findingsOf } from '../finding.ts';
import { agoText, quoted } from '../phrases.ts';
import { grantFor, unseen, valueOf } from '../seen.ts';

type Say = ReturnType<typeof findingsOf>;

interface View {
  readonly evidence: Evidence;
  readonly found: SecretEvidence;
  readonly wanted: Wanted;
  readonly say: Say;
}

const refreshedWords = ({ evidence }: View): string => {
  const object = valueOf(evidence.externalSecret)?.object;
  const refreshedAtMs = object === undefined ? undefined : priorStatus(object).refreshedAtMs;
  return refreshedAtMs === undefined ? '' : `; last refreshed ${agoText(refreshedAtMs, evidence.nowMs)}`;
};

const commandOf = (verb: string, { namespace, target }: Wanted): string =>
  `kubectl ${verb} secret ${target} -n ${namespace}`;

const absent = ({ say, wanted, evidence }: View): Finding => {
  if (wanted.creationPolicy === 'None') return say.ok('it is not there, and target.creationPolicy None makes none');
  if (wanted.creationPolicy === 'Merge')
    return say.stops(
      'it is not there, and target.creationPolicy Merge waits for somebody to make it',
      commandOf('create', wanted),
    );
  const object = valueOf(evidence.externalSecret)?.object;
  const reason = object === undefined ? undefined : priorStatus(object).ready?.reason;
  if (reason === 'SecretDeleted')
    return say.stops(
      'it was deleted as target.deletionPolicy Delete says, since the store had nothing',
      undefined,
      'symptom',
    );
  return say.stops('it is not there: the operator has not made it', 'look at the log of the operator', 'symptom');
};

const helmOwner = ({ secret }: SecretSeen): string | undefined => {
  const release = secret.annotations.get('meta.helm.sh/release-name');
  return release === undefined ? undefined : `the Helm release "${release}"`;
};

/** As the operator decides: another that controls it is left alone. */
const otherOwner = ({ wanted }: View, seen: SecretSeen): string | undefined => {
  const other = seen.secret.owners.find(
    ({ uid, kind, name, controller }) =>
      controller === true && uid !== wanted.uid && !(kind === 'ExternalSecret' && name === wanted.name),
  );
  if (other === undefined || !(other.kind === 'ExternalSecret' || wanted.creationPolicy === 'Owner')) return undefined;
  return `${other.kind} "${other.name}"`;
};

const ownership = (view: View, seen: SecretSeen): readonly Finding[] => {
  const { say, wanted } = view;
  const other = otherOwner(view, seen);
  if (other !== undefined)
    return [
      say.stops(
        `it belongs to ${other}, and is left alone`,
        `choose another spec.target.name: kubectl edit externalsecret ${wanted.name} -n ${wanted.namespace}`,
      ),
    ];
  const helm = helmOwner(seen);
  if (helm !== undefined)
    return [
      say.warning(`${helm} writes it as well: they will overwrite each other`, 'choose another spec.target.name'),
    ];
  const isOwn = seen.secret.owners.some(({ uid }) => uid === wanted.uid);
  return [
    say.ok(
      isOwn
        ? "it is there, and is this ExternalSecret's"
        : `it is there, owned by nobody (creationPolicy ${wanted.creationPolicy})`,
    ),
  ];
};

const keysWords = (seen: SecretSeen, keys: readonly string[]): string => {
  const lacking = keys.filter(key => !seen.secret.keys.includes(key));
  const surplus = seen.secret.keys.filter(key => !keys.includes(key));
  const words = [
    ...(lacking.length > 0 ? [`lacks ${quoted(lacking)}`] : []),
    ...(surplus.length > 0 ? [`has also ${quoted(surplus)}`] : []),
  ];
  return words.length === 0 ? '' : ` (it ${words.join(', ')})`;
};

const content = (view: View, seen: SecretSeen, desired: DesiredSeen | undefined): Finding => {
  const { say, wanted } = view;
  if (desired === undefined)
    return say.unknown(
      `whether it holds what the store has is not known: the store could not be read${refreshedWords(view)}`,
    );
  if (desired.kind === 'failed')
    return say.stops(
      desired.reason,
      `correct target.template: kubectl edit externalsecret ${wanted.name} -n ${wanted.namespace}`,
    );
  if (desired.hash === seen.secret.hash)
    return say.ok(
      `it holds what the store has now: ${quoted(desired.keys)}${refreshedWords(view)}`,
      undefined,
      'proof',
    );
  const differs = `it does not hold what the store has now${keysWords(seen, desired.keys)}${refreshedWords(view)}`;
  if (seen.secret.immutable)
    return say.stops(`${differs}, and is immutable`, `${commandOf('delete', wanted)}  (it is made anew)`);
  if (wanted.refreshPolicy === 'CreatedOnce')
    return say.warning(`${differs}: refreshPolicy CreatedOnce leaves it as it was made`, undefined, 'proof');
  return say.stops(differs, refreshCommand(wanted), 'symptom');
};

const refreshCommand = ({ name, namespace }: Wanted): string =>
  `kubectl annotate externalsecret ${name} -n ${namespace} force-sync=$(date +%s) --overwrite`;

export const secret = (evidence: Evidence): readonly Finding[] => {
  const found = evidence.secret;
  if (found === undefined) return [];
  const { wanted, seen } = found;
  const say = findingsOf('Secret', `Secret ${wanted.namespace}/${wanted.target}`);
  const view: View = { evidence, found, wanted, say };
  if (seen.kind === 'absent') return [absent(view)];
  if (seen.kind !== 'there')
    return [say.unknown(`${unseen(seen)}${refreshedWords(view)}`, grantFor(seen, evidence.user))];
  return [...ownership(view, seen.value), content(view, seen.value, found.desired)];
};
