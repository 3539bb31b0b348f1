// Gives the engine, which expects a browser, what it uses of one.
import { JSDOM } from 'jsdom';

const NEEDED = [
  'document', 'DOMParser', 'XMLSerializer', 'Node', 'Element', 'Attr', 'Text', 'XMLDocument', 'Document',
  'CDATASection', 'Comment', 'ProcessingInstruction', 'DocumentFragment', 'XPathResult', 'XPathEvaluator',
  'HTMLElement', 'NodeFilter', 'NamedNodeMap', 'CharacterData',
];

const { window } = new JSDOM('<!doctype html>', { url: 'http://localhost/' });
const give = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
give('window', window);
for (const name of NEEDED) give(name, window[name]);
// the engine's parser of expressions takes its way for Node only where this exists
give('__dirname', '/');
