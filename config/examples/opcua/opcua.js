// Prints values of an OPC UA server as lines for a source of kind `exec` (../exec_opcua.yaml): node opcua.js ENDPOINT POINT=NODE ...
// where NODE is as servers write it: "ns=2;s=Press1.Good". Each change is a line with the time of its source and its quality; while
// the server answers, a line says so every ten seconds. Trouble ends the program: the agent starts it again, and the server then says
// all values anew. Set up once beside this file with `npm ci`; without security and as anybody, which is for you to change.
"use strict";
console.log = console.info = console.debug = console.error; // its library talks, and standard output is for lines
const {OPCUAClient, AttributeIds, ClientMonitoredItem, MessageSecurityMode, SecurityPolicy, TimestampsToReturn} =
  require("node-opcua-client");
const ALIVE_MS = Number(process.env.OPCUA_ALIVE_MS || 10000);
const SERVER_TIME = "ns=0;i=2258"; // Server_ServerStatus_CurrentTime

function fail(why) {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}

function say(line) {
  process.stdout.write(JSON.stringify(line) + "\n");
}

// The two bits that say it: 00 good, 01 uncertain, 1x bad.
function qualityOf(code) {
  return ["good", "uncertain", "bad", "bad"][code.value >>> 30];
}

// 64-bit integers come as two halves.
function plain(value) {
  if (Array.isArray(value) && value.length === 2) return (BigInt(value[0]) << 32n | BigInt(value[1] >>> 0)).toString();
  if (value instanceof Date) return value.toISOString();
  return value === undefined || typeof value === "object" ? null : value;
}

function tell(point, data) {
  const quality = qualityOf(data.statusCode);
  const value = quality === "bad" ? null : plain(data.value.value);
  say({point, value, quality, t: (data.sourceTimestamp || data.serverTimestamp || new Date()).toISOString()});
}

async function watch(subscription, word) {
  const at = word.indexOf("=");
  const point = word.slice(0, at), nodeId = word.slice(at + 1);
  if (at < 1) fail(`expected POINT=NODE, not ${word}`);
  const item = ClientMonitoredItem.create(subscription, {nodeId, attributeId: AttributeIds.Value},
    {samplingInterval: 100, discardOldest: true, queueSize: 1000}, TimestampsToReturn.Both);
  item.on("changed", data => tell(point, data));
  item.on("err", why => fail(`${point}: ${nodeId}: ${why}`));
}

async function main(endpoint, words) {
  if (!endpoint || words.length === 0) fail("usage: node opcua.js ENDPOINT POINT=NODE ...");
  const client = OPCUAClient.create({applicationName: "plantbus", endpointMustExist: false, keepSessionAlive: true,
    securityMode: MessageSecurityMode.None, securityPolicy: SecurityPolicy.None,
    connectionStrategy: {maxRetry: 1, initialDelay: 500, maxDelay: 1000}});
  client.on("backoff", () => process.stderr.write(`no answer from ${endpoint}\n`));
  client.on("connection_lost", () => fail(`the connection to ${endpoint} is lost`));
  await client.connect(endpoint);
  const session = await client.createSession();
  session.on("session_closed", () => fail("the server closed the session"));
  const subscription = await session.createSubscription2({requestedPublishingInterval: 250, requestedLifetimeCount: 1000,
    requestedMaxKeepAliveCount: 20, maxNotificationsPerPublish: 0, publishingEnabled: true, priority: 1});
  for (const word of words) await watch(subscription, word);
  setInterval(async () => {
    const time = await session.read({nodeId: SERVER_TIME, attributeId: AttributeIds.Value});
    if (time.statusCode.value === 0) say({alive: true});
  }, ALIVE_MS);
}

process.on("unhandledRejection", why => fail(why));
main(process.argv[2], process.argv.slice(3)).catch(why => fail(why));
