// Drives a proxy by Toxiproxy's client for Node: node drive.js API UPSTREAM LISTEN. Says a
// word after each step that did what it should.
const assert = require('assert');
const net = require('net');
const { Toxiproxy } = require('toxiproxy-node-client');

const [api, upstream, listen] = process.argv.slice(2);

// dial is a connection that gives all that came, and how it ended.
function dial(proxy, text) {
  const [host, port] = proxy.listen.split(':');
  return new Promise((done) => {
    const began = Date.now();
    let got = '', first, end = 'FIN';
    const c = net.connect({ host, port, allowHalfOpen: true }, () => c.write(text));
    c.on('data', (d) => {
      first = first || Date.now() - began;
      got += d;
      if (got === text) c.end();
    });
    c.on('end', () => c.end());
    c.on('error', (e) => { end = e.code; });
    c.on('close', () => done({ got, end, first, whole: Date.now() - began }));
  });
}

// toxics are what each type does to a connection that says "hello".
const toxics = {
  latency: [{ latency: 200, jitter: 0 }, (r) => assert(r.got === 'hello' && r.first >= 199)],
  bandwidth: [{ rate: 1 }, (r) => assert(r.got === 'hello')],
  slow_close: [{ delay: 200 }, (r) => assert(r.got === 'hello' && r.whole >= 199)],
  timeout: [{ timeout: 100 }, (r) => assert(r.got === '' && r.end === 'FIN' && r.whole >= 99)],
  reset_peer: [{ timeout: 0 }, (r) => assert(r.got === '' && r.end === 'ECONNRESET')],
  slicer: [{ average_size: 1, size_variation: 0, delay: 50000 }, (r) => assert(r.got === 'hello' && r.whole >= 199)],
  limit_data: [{ bytes: 2 }, (r) => assert(r.got === 'he' && r.end === 'FIN')],
  fault: [{ line: 'hop 0: on connection 1: limit 3 bytes to client' }, (r) => assert(r.got === 'hel')],
};

async function main() {
  const t = new Toxiproxy(api);
  let p = await t.createProxy({ name: 'redis', listen: '127.0.0.1:0', upstream });
  assert((await dial(p, 'hello')).got === 'hello');
  console.log('created');
  p = await p.update({ enabled: true, listen, upstream });
  assert(p.listen === listen && (await dial(p, 'hello')).got === 'hello');
  console.log('moved');
  p = await p.update({ enabled: false, listen: p.listen, upstream });
  assert((await dial(p, 'hello')).end === 'ECONNREFUSED');
  console.log('disabled');
  p = await p.update({ enabled: true, listen: p.listen, upstream });
  assert((await dial(p, 'hello')).got === 'hello');
  console.log('enabled');
  for (const [type, [attributes, look]] of Object.entries(toxics)) {
    const toxic = await p.addToxic({ type, name: type, stream: 'downstream', toxicity: 1, attributes });
    assert.deepStrictEqual(toxic.attributes, attributes);
    look(await dial(p, 'hello'));
    await toxic.remove();
    console.log(type);
  }
  const limit = await p.addToxic({ type: 'limit_data', name: 'l', stream: 'downstream', toxicity: 1, attributes: { bytes: 4 } });
  const updated = await limit.update({ ...limit.toJson(), attributes: { bytes: 1 } });
  assert(updated.attributes.bytes === 1);
  assert((await dial(p, 'hello')).got === 'h');
  console.log('updated');
  await (await p.getToxic('l')).remove();
  assert((await dial(p, 'hello')).got === 'hello');
  console.log('removed');
  const all = await t.populate([{ name: 'other', listen: '127.0.0.1:0', upstream }]);
  assert((await dial(all.other, 'hello')).got === 'hello');
  console.log('populated');
  await p.addToxic({ type: 'timeout', name: 't', stream: 'upstream', toxicity: 1, attributes: { timeout: 0 } });
  await t.reset();
  assert((await dial(p, 'hello')).got === 'hello');
  console.log('reset');
  await p.remove();
  assert.deepStrictEqual(Object.keys(await t.getAll()), ['other']);
  console.log('deleted');
}

main().catch((e) => { console.error(e); process.exit(1); });
