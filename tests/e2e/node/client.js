// An ESME on the npm package `smpp`, led by its standard input and told on its standard output, one JSON object a line.
//
// In:  {"n": 1, "command": "submit_sm", "fields": {...}}: send a request; a field {"hex": "..."} means those octets.
// Out: {"answer": 1, "pdu": {...}}: what the SMSC answered; {"request": {...}}: what it asked (it is answered at once);
//      {"event": "connect" | "close" | "error", "reason": "..."}.
'use strict';

const readline = require('node:readline');
const smpp = require('smpp');

const [host, port] = process.argv.slice(2);

const shown = (name, value) =>
  value && value.type === 'Buffer' ? { hex: Buffer.from(value.data).toString('hex') } : value;
const tell = (line) => process.stdout.write(JSON.stringify(line, shown) + '\n');
const given = (name, value) => (value && typeof value.hex === 'string' ? Buffer.from(value.hex, 'hex') : value);

const session = smpp.connect({ host, port: Number(port) });

session.on('connect', () => tell({ event: 'connect' }));
session.on('close', () => {
  tell({ event: 'close' });
  process.exit(0);
});
session.on('error', (error) => tell({ event: 'error', reason: error.message }));
session.on('pdu', (pdu) => {
  if (!pdu.isResponse()) {
    tell({ request: pdu });
    session.send(pdu.response());
  }
});

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { n, command, fields } = JSON.parse(line, given);
  session[command](fields || {}, (pdu) => tell({ answer: n, pdu }));
}).on('close', () => session.close());
