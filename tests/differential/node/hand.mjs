// Does what a person does: answers, adds and removes repeats, switches the language.
import { rangeAt, nodeAt } from './look.mjs';

const parts = (value) => value.split(/\s+/).filter(Boolean);

const ENTER = {
  select: (node, value) => node.selectValues(parts(value)),
  rank: (node, value) => node.setValues(parts(value)),
  trigger: (node, value) => node.setValue(value === 'OK'),
  upload: (node, value) => node.setValue(value === '' ? null : new File(['x'], value, { type: 'image/jpeg' })),
};

function answer(root, ref, value) {
  const node = nodeAt(root, ref);
  if (!node.currentState.relevant || node.currentState.readonly) throw new Error(`closed ${ref}`);
  if (ENTER[node.nodeType]) ENTER[node.nodeType](node, value);
  else if (node.setValue) node.setValue(value);
  else throw new Error(`cannot be answered ${ref}`);
}

function speak(root, name) {
  const language = root.languages.find((known) => known.language === name);
  if (!language) throw new Error(`no language ${name}`);
  root.setLanguage(language);
}

const STEPS = {
  set: answer,
  add: (root, ref) => rangeAt(root, ref).addInstances(),
  remove: (root, ref, place) => removeFrom(rangeAt(root, ref), place),
  language: speak,
  reopen: () => {},
};

function removeFrom(range, place) {
  if (place > range.currentState.children.length) throw new Error('nothing to remove');
  range.removeInstances(place - 1, 1);
}

export function take(root, [step, ...rest]) {
  STEPS[step](root, ...rest);
}
