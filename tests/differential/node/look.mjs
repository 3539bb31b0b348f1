// Notes what each node of a form holds and shows, by reference.
const isRange = (node) => String(node.nodeType).startsWith('repeat-range');
const isFrame = (node) => ['root', 'group', 'repeat-instance'].includes(node.nodeType);

function* walk(node) {
  yield node;
  for (const child of node.currentState?.children ?? []) yield* walk(child);
}

function found(root, ref, fits) {
  for (const node of walk(root)) if (fits(node) && node.currentState.reference === ref) return node;
  throw new Error(`no such node ${ref}`);
}

export const nodeAt = (root, ref) => found(root, ref, (node) => !isRange(node));
export const rangeAt = (root, ref) => found(root, ref, isRange);

function valueOf(node) {
  const state = node.currentState;
  const value = state.instanceValue ?? state.value;
  if (value === null || value === undefined) return '';
  return Array.isArray(value) ? value.join(' ') : String(value);
}

function facts(node) {
  const state = node.currentState;
  const seen = { relevant: state.relevant };
  if (isFrame(node)) return seen;
  seen.value = valueOf(node);
  if (node.nodeType === 'model-value') return seen;
  seen.required = state.required;
  seen.readonly = state.readonly;
  seen.label = state.label?.asString ?? '';
  seen.hint = state.hint?.asString ?? '';
  if (['select', 'rank'].includes(node.nodeType)) {
    seen.choices = state.valueOptions.map((choice) => [choice.value, choice.label?.asString ?? '']);
  }
  const violation = node.validationState?.violation;
  if (violation) {
    seen.violation = violation.condition;
    seen.message = violation.message?.asString ?? '';
  }
  return seen;
}

export function look(root) {
  const state = {};
  for (const node of walk(root)) if (!isRange(node)) state[node.currentState.reference] = facts(node);
  return state;
}

export function changesSince(before, now) {
  const changes = {};
  for (const ref in before) if (!(ref in now)) changes[ref] = null;
  for (const ref in now) {
    if (JSON.stringify(now[ref]) !== JSON.stringify(before[ref])) changes[ref] = now[ref];
  }
  return changes;
}
