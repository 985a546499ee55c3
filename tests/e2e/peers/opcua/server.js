// An OPC UA server by the npm package node-opcua-server, which knows nothing of this project: node server.js PORT FOLDER. It has
// Good (UInt32), Power (Double) and State (String) in namespace 1. It reads commands as JSON lines: {"set": {NAME: VALUE ...}} and
// {"bad": NAME}, and writes "ready", then {"done": N} behind the N-th.
"use strict";
console.log = console.error;
const {Variant, DataType, StatusCodes, MessageSecurityMode, SecurityPolicy} = require("node-opcua-client");
const {OPCUACertificateManager} = require("node-opcua-certificate-manager");
const {OPCUAServer} = require("node-opcua-server");
const [port, folder] = process.argv.slice(2);
const types = {Good: DataType.UInt32, Power: DataType.Double, State: DataType.String};
const nodes = {};
let done = 0;

function say(what) {
  process.stdout.write(JSON.stringify(what) + "\n");
}

function run(c) {
  for (const [name, value] of Object.entries(c.set || {}))
    nodes[name].setValueFromSource(new Variant({dataType: types[name], value}));
  if (c.bad)
    nodes[c.bad].setValueFromSource(new Variant({dataType: types[c.bad], value: nodes[c.bad].readValue().value.value}),
      StatusCodes.BadSensorFailure);
  say({done: ++done});
}

async function main() {
  const server = new OPCUAServer({port: Number(port), hostname: "127.0.0.1", alternateHostname: ["127.0.0.1"],
    securityModes: [MessageSecurityMode.None], securityPolicies: [SecurityPolicy.None], allowAnonymous: true,
    serverCertificateManager: new OPCUACertificateManager({rootFolder: folder + "/server"}),
    userCertificateManager: new OPCUACertificateManager({rootFolder: folder + "/user"})});
  await server.initialize();
  const space = server.engine.addressSpace, own = space.getOwnNamespace();
  const press = own.addObject({organizedBy: space.rootFolder.objects, browseName: "Press"});
  for (const name of Object.keys(types)) {
    nodes[name] = own.addVariable({componentOf: press, browseName: name, nodeId: "s=" + name, dataType: types[name]});
    nodes[name].setValueFromSource(new Variant({dataType: types[name], value: name === "State" ? "RUN" : 1}));
  }
  await server.start();
  say("ready");
  require("readline").createInterface({input: process.stdin}).on("line", line => run(JSON.parse(line)));
}

main().catch(why => {
  process.stderr.write(String(why && why.stack) + "\n");
  process.exit(1);
});
