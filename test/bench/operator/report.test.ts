import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Measured, Round } from './bench.ts';
import type { Phase } from './phases.ts';
import { markdown } from './report.ts';

const machine = {
  date: '2026-01-02 03:04',
  cpu: 'cpu',
  cores: 2,
  memoryGiB: 8,
  kernel: 'Linux',
  node: 'v26',
  pinned: true,
  loadAverage: 0,
};

const phase = (seconds: number): Phase => ({
  seconds,
  cpu: { operator: 1, store: 1, apiServer: 1 },
  requests: { 'create secrets': 1000 },
});

const round = (createSeconds: number): Round => ({
  phases: { create: phase(createSeconds), recreate: phase(2), repair: phase(2) },
  idleMiB: 100,
  peakMiB: { operator: 150, store: 150, apiServer: 500 },
  atRest: { samples: 10, p50Ms: 5, p99Ms: 20 },
  underLoad: undefined,
});

const told = (objects: number, ...createSeconds: readonly number[]): string => {
  const one: Measured = { name: 'token auth', objects, rounds: createSeconds.map(round), memory: undefined };
  const options = {
    objects,
    rounds: createSeconds.length,
    samples: 10,
    foreign: 0,
    only: '',
    flags: [],
    profiles: undefined,
    history: undefined,
  };
  return markdown({ machine, options, measured: [one] });
};

test('a goal that one round misses is told as missed, though the median meets it', () => {
  assert.match(told(1000, 5, 15, 6), /in each round\): met\./);
  assert.match(told(1000, 5, 15.1, 6), /MISSED: token auth, created \(worst round 15\.1 s\)/);
});

test('with another number of objects there is neither a goal nor a comparison', () => {
  const text = told(200, 1);
  assert.match(text, /not measured/);
  assert.doesNotMatch(text, /÷|\| External Secrets Operator/);
});

test('medians, what is divided by them, and requests for each object', () => {
  const text = told(1000, 4, 9, 6.3);
  assert.match(text, /Coffer, token auth \| 6\.3 \| 2\.0 \| 2\.0 \| 150 \|/);
  assert.match(text, /token auth ÷ Coffer, token auth \| 2\.0× \| 5\.7× \| 6\.2× \| 1\.6× \|/);
  assert.match(text, /create secrets 1\.00/);
});
