/**
 * How long tokens and leases live, asked of the whole core, against the rules told one after the other: what is asked, else
 * the usual; a period instead, where there is one; then each limit in turn, counted from when it was made.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Bed, Told } from '../core/bed.ts';
import { openBed } from '../core/bed.ts';
import { allowUsers, bedWithUsers } from '../core/leases/engine.ts';
import { type Dice, seededDice } from './http-dice.ts';

const rounds = Number(process.env['FUZZ_ROUNDS'] ?? 400);
const seed = Number(process.env['FUZZ_SEED'] ?? 0x771);
const systemSeconds = 2_764_800;

interface Limits {
  readonly usual: number;
  readonly most: number;
}

/** Times near one another, so that each of them is sometimes the least. */
const someTime = (dice: Dice): number => (dice.chance(2) ? 0 : 60 * (1 + dice.below(100)));

/** What the mount says, where it is taken; the system's where it says nothing. */
const tuned = async (bed: Bed, path: string, dice: Dice): Promise<Limits> => {
  const most = someTime(dice);
  const usual = someTime(dice);
  const told = await bed.root('POST', path, { default_lease_ttl: usual, max_lease_ttl: most });
  const inForce = most === 0 ? systemSeconds : most;
  if (usual > inForce) {
    assert.equal(told.status, 400, `a default of ${usual} above ${inForce}`);
    return tuned(bed, path, dice);
  }
  assert.equal(told.status, 204, told.text);
  return { usual: Math.min(usual === 0 ? systemSeconds : usual, inForce), most: inForce };
};

interface Wish {
  readonly asked: number;
  readonly period: number;
  /** Each its own limit from creation; 0 for none. */
  readonly maxima: readonly number[];
  readonly mount: Limits;
  readonly ageSeconds: number;
  readonly usual: number;
}

/** From now, in seconds. */
const plainTtl = ({ asked, period, maxima, mount, ageSeconds, usual }: Wish): number => {
  let ttl = usual;
  if (asked > 0) ttl = asked;
  if (period > 0) ttl = Math.min(period, mount.most);
  for (const most of maxima) if (most > 0 && ageSeconds + ttl > most) ttl = most - ageSeconds;
  if (period === 0 && ageSeconds + ttl > mount.most) ttl = mount.most - ageSeconds;
  return Math.max(0, ttl);
};

/** Who asked for a time, and gets less, is told so. */
const assertTold = (told: Told, { asked, period }: Pick<Wish, 'asked' | 'period'>, granted: number): void => {
  const wanted = period > 0 ? period : asked;
  const warned = (told.json.warnings ?? []).some((text: string) => text.includes('exceeded the effective max_ttl'));
  assert.equal(warned, wanted > granted, `seed ${seed}: asked ${wanted}: ${told.text}`);
};

const durationOf = (told: Told): number => told.json.auth?.lease_duration ?? told.json.lease_duration;

interface Renewing {
  readonly bed: Bed;
  readonly wish: Omit<Wish, 'asked' | 'ageSeconds'>;
  readonly dice: Dice;
  readonly madeAtMs: number;
  readonly granted: number;
  renew(increment: number): Promise<Told>;
}

/** Renewed until it has ended, or cannot be; each time after a part of what was left. */
const renewals = async ({ bed, wish, dice, madeAtMs, renew, granted }: Renewing): Promise<void> => {
  let endsAtMs = madeAtMs + 1000 * granted;
  for (let turn = 0; turn < 4; turn++) {
    await bed.clock.advance(1000 * dice.below(1 + (endsAtMs - bed.clock.now()) / 1000));
    bed.core.clockWatch.vouch();
    const ageSeconds = (bed.clock.now() - madeAtMs) / 1000;
    const asked = someTime(dice);
    const want = plainTtl({ ...wish, asked, ageSeconds });
    const told = await renew(asked);
    const said = `seed ${seed}: ${JSON.stringify(wish)} asked ${asked} at ${ageSeconds}: ${told.text}`;
    if (bed.clock.now() >= endsAtMs) return assert.match(told.text, /permission denied|lease not found/, said);
    if (want === 0) return assert.match(told.text, /past the max TTL/, said);
    assert.equal(told.status, 200, said);
    assert.equal(durationOf(told), want, said);
    assertTold(told, { asked, period: wish.period }, want);
    endsAtMs = bed.clock.now() + 1000 * want;
  }
};

test(`a token lives as long as request, role, period, mount and system together say (seed ${seed})`, async () => {
  const dice = seededDice(seed);
  const bed = await openBed();
  for (let round = 0; round < rounds; round++) {
    const mount = await tuned(bed, 'sys/auth/token/tune', dice);
    const asked = someTime(dice);
    const [own, role] = [someTime(dice), someTime(dice)];
    const [period, rolePeriod] = [someTime(dice), someTime(dice)];
    const throughRole = dice.chance(2);
    await bed.root('POST', 'auth/token/roles/r', { token_explicit_max_ttl: role, token_period: rolePeriod });
    const body = { policies: ['default'], ttl: asked, explicit_max_ttl: own, period };
    const madeAtMs = bed.clock.now();
    const made = await bed.root('POST', throughRole ? 'auth/token/create/r' : 'auth/token/create', body);
    assert.equal(made.status, 200, made.text);
    const wish = {
      period: throughRole && rolePeriod > 0 ? rolePeriod : period,
      maxima: [own, throughRole ? role : 0],
      mount,
      usual: mount.usual,
    };
    const want = plainTtl({ ...wish, asked, ageSeconds: 0 });
    assert.equal(durationOf(made), want, `seed ${seed}: ${JSON.stringify({ ...wish, asked })} ${made.text}`);
    assertTold(made, { ...wish, asked }, want);
    const token = made.json.auth.client_token as string;
    // Renewed without a wish, it gets again what it was made with.
    await renewals({
      bed,
      wish: { ...wish, usual: want },
      dice,
      madeAtMs,
      renew: increment => bed.ask('POST', 'auth/token/renew-self', { token, body: { increment } }),
      granted: want,
    });
  }
});

test(`a lease lives as long as engine, mount and system together say (seed ${seed})`, async () => {
  const dice = seededDice(seed + 1);
  const bed = await bedWithUsers();
  await allowUsers(bed);
  for (let round = 0; round < rounds; round++) {
    const mount = await tuned(bed, 'sys/mounts/users/tune', dice);
    const [asked, most] = [someTime(dice), someTime(dice)];
    const madeAtMs = bed.clock.now();
    const made = (await bed.issue(undefined, `?ttl=${asked}&max_ttl=${most}`)).told;
    const wish = { period: 0, maxima: [most], mount, usual: mount.usual };
    const want = plainTtl({ ...wish, asked, ageSeconds: 0 });
    assert.equal(durationOf(made), want, `seed ${seed}: ${JSON.stringify({ ...wish, asked })} ${made.text}`);
    assertTold(made, { ...wish, asked }, want);
    const id = made.json.lease_id as string;
    await renewals({
      bed,
      wish: { ...wish, usual: want },
      dice,
      madeAtMs,
      renew: increment => bed.root('POST', 'sys/leases/renew', { lease_id: id, increment }),
      granted: want,
    });
  }
});
