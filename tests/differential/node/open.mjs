// Reads a form and begins it, with its files and who fills it in.
import './browser.mjs';

const { createInstance } = await import('@getodk/xforms-engine');
const TYPES = { csv: 'text/csv', geojson: 'application/geo+json', xml: 'text/xml' };
const WHO = { deviceID: 'device:1', username: 'teacher', email: '', phoneNumber: '' };

function offer(files) {
  return async (address) => {
    const name = decodeURIComponent(String(address).split('/').pop());
    if (!(name in files)) return new Response('', { status: 404 });
    return new Response(files[name], { headers: { 'content-type': TYPES[name.split('.').pop()] } });
  };
}

export async function open(job) {
  const form = { fetchFormAttachment: offer(job.attachments ?? {}), missingResourceBehavior: 'BLANK' };
  return (await createInstance(job.xml, { form, instance: { preloadProperties: WHO } })).root;
}
