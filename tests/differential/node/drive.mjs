// Fills forms in with ODK Web Forms' engine: one job a line in, one outcome a line out.
import readline from 'node:readline';
import { take } from './hand.mjs';
import { changesSince, look } from './look.mjs';
import { open } from './open.mjs';

async function fill(job, outcome) {
  const start = performance.now();
  const root = await open(job);
  let before = look(root);
  outcome.ms.push(performance.now() - start);
  outcome.states.push(before);
  for (const step of job.script) {
    const began = performance.now();
    outcome.refused.push(tried(root, step));
    const now = look(root);
    outcome.ms.push(performance.now() - began);
    outcome.states.push(changesSince(before, now));
    before = now;
  }
  const payload = await root.prepareInstancePayload({ payloadType: 'monolithic' });
  outcome.xml = await payload.data[0].get('xml_submission_file').text();
}

function tried(root, step) {
  try {
    take(root, step);
    return null;
  } catch (refusal) {
    return String(refusal?.message ?? refusal);
  }
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const job = JSON.parse(line);
  const outcome = { id: job.id, states: [], refused: [], ms: [] };
  try {
    await fill(job, outcome);
  } catch (broken) {
    outcome.error = String(broken?.message ?? broken).slice(0, 600);
  }
  process.stdout.write(`${JSON.stringify(outcome)}\n`);
}
process.exit(0);
