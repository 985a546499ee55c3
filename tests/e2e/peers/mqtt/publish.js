// A publisher by the npm package mqtt, which knows nothing of this project: node publish.js URL. It reads commands as JSON lines:
// {"messages": [[topic, payload, retain] ...], "id": N} publishes them at QoS 1, a payload that is no text as JSON, and writes
// {"sent": N} when the broker has confirmed all of them. What is not confirmed when the connection breaks it sends again.
"use strict";
const mqtt = require("mqtt");
const client = mqtt.connect(process.argv[2], {clean: false, clientId: "publisher", reconnectPeriod: 100, keepalive: 5});

function say(what) {
  process.stdout.write(JSON.stringify(what) + "\n");
}

client.on("connect", () => say("connected"));
client.on("error", () => undefined);

function run(c) {
  let left = c.messages.length;
  for (const [topic, payload, retain] of c.messages)
    client.publish(topic, typeof payload === "string" ? payload : JSON.stringify(payload), {qos: 1, retain: !!retain}, () => {
      left--;
      if (left === 0) say({sent: c.id});
    });
}

require("readline").createInterface({input: process.stdin}).on("line", line => run(JSON.parse(line)));
