// An edge node by the npm packages sparkplug-client and sparkplug-payload, which know nothing of this project: node edge.js
// URL GROUP NODE [ALIASES]. It reads commands as JSON lines: {"node": [metrics]} and {"device": ID, "metrics": [metrics]} publish data,
// {"birth": {"": [metrics], ID: [metrics]}} sets the metrics of the births, {"ddeath": ID}, {"skip": N} loses N messages,
// {"start": true} connects, {"vanish": true} ends without a word. It writes a line for each thing that happens.
"use strict";
const {newClient} = require("sparkplug-client");
const [url, groupId, edgeNode] = process.argv.slice(2);
let births = {"": []};
let client = null;

function say(what) {
  process.stdout.write(JSON.stringify(what) + "\n");
}

// The client changes what it is given.
function copy(metrics) {
  return metrics.map(m => Object.assign({timestamp: Date.now()}, m));
}

function birth() {
  const control = {name: "Node Control/Rebirth", type: "Boolean", value: false};
  client.publishNodeBirth({timestamp: Date.now(), metrics: copy(births[""].concat([control]))});
  for (const device of Object.keys(births).filter(d => d))
    client.publishDeviceBirth(device, {timestamp: Date.now(), metrics: copy(births[device])});
  say("born");
}

function start() {
  client = newClient({serverUrl: url, username: "", password: "", groupId, edgeNode, clientId: "edge-" + edgeNode, keepalive: 5});
  client.on("birth", birth);
  client.on("ncmd", payload => {
    for (const m of payload.metrics)
      if (m.name === "Node Control/Rebirth" && m.value === true) {
        say("rebirth");
        birth();
      }
  });
  client.on("error", e => say({error: String(e)}));
}

function run(c) {
  if (c.birth) births = c.birth;
  if (c.start) start();
  if (c.node) client.publishNodeData({timestamp: Date.now(), metrics: copy(c.node)});
  if (c.metrics) client.publishDeviceData(c.device, {timestamp: Date.now(), metrics: copy(c.metrics)});
  if (c.ddeath) client.publishDeviceDeath(c.ddeath, {timestamp: Date.now()});
  for (let i = 0; i < (c.skip || 0); i++) client.incrementSeqNum();
  if (c.vanish) process.exit(0);
  say({done: Object.keys(c)[0]});
}

require("readline").createInterface({input: process.stdin}).on("line", line => run(JSON.parse(line)));
