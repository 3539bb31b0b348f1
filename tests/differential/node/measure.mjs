// How long Web Forms takes over what a person does, and how much memory an open form needs. One job in, figures out.
import readline from 'node:readline';
import { take } from './hand.mjs';

const OPENINGS = 7;
const KEPT = 3;

async function milliseconds(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function many(work) {
  const times = [];
  for (let count = 0; count < OPENINGS; count += 1) times.push(await milliseconds(work));
  return times;
}

async function answers(root, script) {
  const times = [];
  for (const step of script) {
    try {
      times.push(await milliseconds(() => take(root, step)));
    } catch {
      // closed in this engine: no answer, no time
    }
  }
  return times;
}

async function bytes(open, job) {
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  const kept = [];
  for (let count = 0; count < KEPT; count += 1) kept.push(await open(job));
  globalThis.gc();
  return (process.memoryUsage().heapUsed - before) / kept.length;
}

const { open } = await import('./open.mjs');
const start = performance.now();
for await (const line of readline.createInterface({ input: process.stdin })) {
  const job = JSON.parse(line);
  const found = { start, open: await many(() => open(job)) };
  const root = await open(job);
  found.answer = await answers(root, job.script);
  found.check = await many(() => root.validationState.violations.length);
  found.save = await many(() => root.prepareInstancePayload({ payloadType: 'monolithic' }));
  found.bytes = await bytes(open, job);
  process.stdout.write(`${JSON.stringify(found)}\n`);
}
process.exit(0);
