#!/usr/bin/env node
// Starts the coffer command of the published package. In the syntax of old Nodes, so that they can say what is missing.
'use strict';
const path = require('path');

const oldestMajor = 26;
const main = path.join(__dirname, '..', 'lib', 'main.js');

function fail() {
  process.stderr.write(
    'coffer: this is Node ' + process.versions.node + '; Node ' + oldestMajor + ' or newer is needed to run it.\n'
  );
  process.exit(1);
}

// Compiled code is kept between starts. Only below a folder that is the caller's own.
function keepCompiled(env) {
  const own = env.XDG_CACHE_HOME || (env.HOME && path.join(env.HOME, '.cache'));
  const cache = env.COFFER_CACHE || (own && path.join(own, 'coffer'));
  if (!cache || !path.isAbsolute(cache) || env.NODE_COMPILE_CACHE !== undefined) return;
  env.NODE_COMPILE_CACHE = path.join(cache, 'compiled');
  env.COFFER_SET_NODE_COMPILE_CACHE = '1';
}

// What the caller's NODE_OPTIONS load must not run inside a process that holds keys. `coffer run` hands it on to its child.
function environment() {
  const env = Object.assign({}, process.env);
  if (env.NODE_OPTIONS !== undefined) {
    env.COFFER_CALLER_NODE_OPTIONS = env.NODE_OPTIONS;
    delete env.NODE_OPTIONS;
  }
  keepCompiled(env);
  return env;
}

// The process becomes the command: no parent stays behind, signals and exit codes are its own.
function start(args) {
  // As in bin/coffer: `run` hands SIGUSR1 on, so its debugger gets an address no machine has (RFC 5737).
  const noDebugger = args[0] === 'run' ? '--inspect-port=192.0.2.1:9229' : '--disable-sigusr1';
  const command = [process.execPath, noDebugger, '--report-exclude-env', '--max-semi-space-size=16', main].concat(args);
  if (process.platform === 'win32') return import(require('url').pathToFileURL(main).href);
  if (args[0] !== 'server') return process.execve(process.execPath, command, environment());
  const noCore = ['sh', '-c', 'ulimit -c 0 2>/dev/null; exec "$@"', 'sh'];
  // Of glibc: without it each thread keeps freed memory of its own.
  return process.execve('/bin/sh', noCore.concat(command), Object.assign({ MALLOC_ARENA_MAX: '2' }, environment()));
}

if (Number(process.versions.node.split('.')[0]) < oldestMajor) fail();
start(process.argv.slice(2));
