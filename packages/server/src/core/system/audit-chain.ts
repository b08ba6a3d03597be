/** Rows of `sys/audit-chain`: what it takes to prove that the files of audit devices are whole. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import type { Checkpoint, Link } from '../audit/checkpoints.ts';
import { read, write } from './context.ts';

export const linksLimit = 1_000;

const shown = ({ lane, device, term, startedAtMs, takenAtMs, sequence, hash }: Checkpoint) => ({
  lane,
  device,
  key: term,
  started: new Date(startedAtMs),
  taken: new Date(takenAtMs),
  sequence,
  hash,
});

const wrong = (): CofferError =>
  new CofferError('invalid_request', 'links: expected texts of lane, key, sequence, hash and mac, each after a blank');

/** Lane, key term, sequence, hash, MAC. */
const linkPattern = /^([0-9a-z]{17}) (\d{1,9}) (\d{1,16}) ([0-9a-f]{64}) ([0-9a-f]{64})$/;

const linkOf = (text: string): Link => {
  const [, lane, term, sequence, hash, mac] = linkPattern.exec(text) ?? [];
  if (lane === undefined || hash === undefined || mac === undefined) throw wrong();
  return { lane, term: Number(term), sequence: Number(sequence), hash, mac };
};

export const auditChainRows = [
  read(
    'audit-chain',
    {
      summary: 'Show how far the audit chains have come',
      description:
        'A lane is what one device wrote between its opening and its closing. A copy of the answer, kept where nobody of the store can change it, proves later that the files hold all of it: `coffer audit verify -checkpoints`.',
      access: 'sudo',
      rootNamespaceOnly: true,
      out: {
        store: t.string('Id of the store, as the first line of a file names it'),
        lanes: t.raw(
          'Oldest first: `lane`, `device`, `key`, `started`, `taken`, and the `sequence` and `hash` it had come to',
        ),
      },
    },
    ({ core }) => ({ store: core.barrier.storeId.toHex(), lanes: core.auditCheckpoints.list().map(shown) }),
  ),
  write(
    'audit-chain/check',
    {
      summary: 'Tell which ends of audit writes this store has made',
      access: 'sudo',
      pure: true,
      rootNamespaceOnly: true,
      in: {
        links: t.list(`Up to ${linksLimit} texts "LANE KEY SEQUENCE HASH MAC", as records have them`, {
          required: true,
        }),
      },
      out: { made: t.raw('In the order asked: whether this store made the MAC') },
    },
    ({ core }, { links }) => {
      if (links.length > linksLimit) throw new CofferError('invalid_request', `links: expected up to ${linksLimit}`);
      return { made: core.auditCheckpoints.check(links.map(linkOf)) };
    },
  ),
];
