// A gateway's suite in Node.js: npm's `smpp` is the gateway, fetch leads the carrier.
//
//   SMSC_URL=http://127.0.0.1:8775 SMPP_URL=smpp://127.0.0.1:2775 node --test tests/examples/node/
'use strict';

const assert = require('node:assert/strict');
const { after, before, beforeEach, test } = require('node:test');
const { setTimeout: pause } = require('node:timers/promises');
const smpp = require('smpp');

const { SMSC_URL, SMPP_URL } = process.env;

async function smsc(method, path, body) {
  const answer = await fetch(SMSC_URL + path, {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const told = await answer.json();
  assert.ok(answer.ok, `${method} ${path}: ${told.detail} ${(told.nearest ?? []).join('; ')}`);
  return told;
}

const waitFor = async (words) =>
  (await smsc('GET', `/api/messages/wait?${new URLSearchParams(words)}`)).messages;

let session;
const receipts = [];

const ask = (command, fields) => new Promise((resolve) => session[command](fields, resolve));

// What is tested: it tries a throttled message again.
async function send(to, text) {
  for (;;) {
    const answer = await ask('submit_sm', {
      source_addr: '12025550199', destination_addr: to, short_message: text, registered_delivery: 1,
    });
    if (answer.command_status !== smpp.ESME_RTHROTTLED) return answer;
    await pause(200);
  }
}

before(async () => {
  session = smpp.connect({ url: SMPP_URL });
  session.on('error', () => {});
  session.on('deliver_sm', (pdu) => {
    receipts.push(pdu);
    session.send(pdu.response());
  });
  await new Promise((resolve) => session.once('connect', resolve));
  const answer = await ask('bind_transceiver', { system_id: 'gateway', password: 'secret' });
  assert.equal(answer.command_status, 0);
});

beforeEach(async () => {
  await smsc('DELETE', '/api/rules');
  await smsc('POST', '/api/reset');
});

after(async () => {
  await ask('unbind', {});
  session.destroy();
});

test('a throttled message is tried again', async () => {
  await smsc('POST', '/api/rules', {
    when: { to: '12025550100' }, then: { reject: 'ESME_RTHROTTLED' }, times: 2,
  });
  await send('12025550100', 'hi');
  await waitFor({ to: '12025550100', state: 'DELIVRD' });
  assert.equal((await waitFor({ to: '12025550100', status: 'ESME_RTHROTTLED', count: 2 })).length, 2);
});

test('a receipt tells what became of the message', async () => {
  await smsc('POST', '/api/rules', { then: { deliver: 'EXPIRED after 100ms' } });
  const { message_id: id } = await send('12025550101', 'hello');
  const [row] = await waitFor({ to: '12025550101', state: 'EXPIRED', receipt: 'acknowledged' });
  assert.equal(row.message_id, id);
  const text = receipts.at(-1).short_message.message;
  assert.match(text, new RegExp(`^id:${id} .* stat:EXPIRED `));
});
