// Uploads one file as any program with tus-js-client would; what it was told to do comes as JSON, so does what it did.
import fs from 'node:fs';
import * as tus from 'tus-js-client';

const { endpoint, token, path, metadata, memory, patience } = JSON.parse(process.argv[2]);
const asked = { POST: 0, HEAD: 0, PATCH: 0 };

function uploaded() {
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(fs.createReadStream(path), {
      endpoint,
      metadata,
      headers: { Authorization: `Bearer ${token}` },
      retryDelays: Array(patience).fill(20),
      urlStorage: new tus.FileUrlStorage(memory),
      onBeforeRequest: (request) => { asked[request.getMethod()] += 1; },
      onError: reject,
      onSuccess: () => resolve(upload.url),
    });
    upload.findPreviousUploads().then((previous) => {
      if (previous.length) upload.resumeFromPreviousUpload(previous[0]);
      upload.start();
    }, reject);
  });
}

try {
  console.log(JSON.stringify({ url: await uploaded(), asked }));
} catch (error) {
  console.log(JSON.stringify({ error: String(error.message ?? error), asked }));
}
